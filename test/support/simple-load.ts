import { setTimeout as sleep } from 'node:timers/promises';
import { follow } from './api.js';

/** Far longer than any answer takes on a busy machine: whoever waits that long waits for ever. */
const SILENCE_MS = 15_000;

/** Follows the link without pause until told to stop; counts what was answered. */
export class Load {
  redirects = 0;
  /** Statuses of answers that are no redirect. */
  readonly others: number[] = [];
  /** Connections that were refused or broken, as they are when a process is killed. */
  readonly errors: string[] = [];
  private silences = 0;
  private isRunning = true;
  private readonly clients: Promise<void>[];

  /** Every other client makes a new connection for each request. */
  constructor(baseUrl: string, code: string, clients = 8) {
    this.clients = Array.from({ length: clients }, async (_, n) => {
      const headers: Record<string, string> = n % 2 === 0 ? {} : { connection: 'close' };
      while (this.isRunning) await this.request(baseUrl, code, headers);
    });
  }

  /** The number of redirects; rejects if a request got neither an answer nor an error. */
  async stop(): Promise<number> {
    this.isRunning = false;
    await Promise.all(this.clients);
    if (this.silences > 0) {
      throw new Error(`${this.silences} requests heard nothing within ${SILENCE_MS} ms`);
    }
    return this.redirects;
  }

  private async request(
    baseUrl: string,
    code: string,
    headers: Record<string, string>,
  ): Promise<void> {
    const signal = AbortSignal.timeout(SILENCE_MS);
    try {
      const { status } = await follow(baseUrl, code, headers, 'GET', signal);
      if (status === 302) this.redirects += 1;
      else this.others.push(status);
    } catch (error) {
      const { name, message, cause } = error as Error;
      if (name === 'TimeoutError') this.silences += 1;
      else this.errors.push((cause as NodeJS.ErrnoException | undefined)?.code ?? message);
      await sleep(10);
    }
  }
}
