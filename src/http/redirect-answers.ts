import { STATUS_CODES } from 'node:http';
import type { Headers } from './security-headers.js';

/** Redirects as Node would send them, byte for byte. */
export class RedirectAnswers {
  /** The second (Unix time) that the end of the headers tells. */
  private second = 0;
  private end = '';

  /** @param keepAliveMs how long a silent connection is kept */
  constructor(
    private readonly keepAliveMs: number,
    private readonly headersOfAll: Headers,
  ) {}

  /** @param location a URL, which has neither line ends nor characters beyond ASCII */
  of(status: number, location: string): string {
    const second = Math.floor(Date.now() / 1000);
    if (second !== this.second) {
      this.second = second;
      this.end = this.endOf(new Date(second * 1000));
    }
    return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nlocation: ${location}${this.end}`;
  }

  private endOf(date: Date): string {
    return [
      '',
      'cache-control: private, no-store',
      ...Object.entries(this.headersOfAll).map(([name, value]) => `${name}: ${value}`),
      'content-length: 0',
      `Date: ${date.toUTCString()}`,
      'Connection: keep-alive',
      `Keep-Alive: timeout=${Math.floor(this.keepAliveMs / 1000)}`,
      '',
      '',
    ].join('\r\n');
  }
}
