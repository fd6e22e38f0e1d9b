import { randomBytes } from 'node:crypto';
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { BROWSER } from './api.js';

/** Longer than any answer takes, whatever is broken: who waits so long waits in vain. */
const HUNG_MS = 10_000;
const RETRY_MS = 10;

export interface LoadOptions {
  /** How many visitors there are at a time, each on a connection of its own. */
  clients?: number;
  /** What each of them waits between two visits. */
  pauseMs?: number;
  /** Whether they come back on the same connection; by default they do. */
  keepAlive?: boolean;
  /** They leave when the server says that it closes their connection, as load balancers do. */
  leaveWhenTold?: boolean;
}

/** An answer that is not a redirect. */
export interface Refusal {
  status: number;
  retryAfter: string | undefined;
}

/**
 * Visitors who follow a link without end. Every visit carries a marker of its own
 * (`utm_campaign`), which is found again in the click that was stored.
 */
export class Load {
  /** What all markers begin with, up to the hyphen. */
  readonly prefix = randomBytes(6).toString('hex');
  /** The markers of the visits that were answered with a redirect. */
  readonly answered = new Set<string>();
  /** The markers of the visits that were never answered: the connection broke. */
  readonly unanswered = new Set<string>();
  readonly refusals: Refusal[] = [];
  /** How long redirects took; in milliseconds, in no order. */
  readonly latencies: number[] = [];
  /** Visits that found nobody listening. */
  notListening = 0;
  /** Visits that got neither an answer nor an error for ten seconds. */
  hung = 0;

  private count = 0;
  private isRunning = true;
  private readonly leaveWhenTold: boolean;
  private readonly agent: Agent;
  private readonly visitors: Promise<void>[];

  constructor(
    private readonly baseUrl: string,
    private readonly code: string,
    { clients = 8, pauseMs = 2, keepAlive = true, leaveWhenTold = false }: LoadOptions = {},
  ) {
    this.leaveWhenTold = leaveWhenTold;
    this.agent = new Agent({ keepAlive, maxSockets: clients });
    this.visitors = Array.from({ length: clients }, () => this.visitFor(pauseMs));
  }

  /** Everything that was not a redirect, in words. */
  get failures(): string[] {
    return [
      ...this.refusals.map(({ status }) => `status ${status}`),
      ...[...this.unanswered].map((marker) => `${marker} was not answered`),
      ...(this.notListening > 0 ? [`nobody listened ${this.notListening} times`] : []),
      ...(this.hung > 0 ? [`${this.hung} visits hung`] : []),
    ];
  }

  /** Resolves when the visits under way are over. */
  async stop(): Promise<void> {
    this.isRunning = false;
    await this.left();
  }

  /** Resolves when the last visitor is gone. */
  async left(): Promise<void> {
    await Promise.all(this.visitors);
    this.agent.destroy();
  }

  /** Waits until there were this many redirects more. */
  async redirects(more: number): Promise<void> {
    const goal = this.answered.size + more;
    while (this.answered.size < goal) {
      if (!this.isRunning) throw new Error('nobody visits any more');
      await sleep(5);
    }
  }

  private async visitFor(pauseMs: number): Promise<void> {
    while (this.isRunning) {
      this.count += 1;
      const { isAnswered, isTold } = await this.visit(`${this.prefix}-${this.count}`);
      if (isTold && this.leaveWhenTold) return;
      await sleep(isAnswered ? pauseMs : RETRY_MS);
    }
  }

  private visit(marker: string): Promise<{ isAnswered: boolean; isTold: boolean }> {
    const startedAt = performance.now();
    let isTold = false;
    return new Promise((done) => {
      const request = get(
        `${this.baseUrl}/${this.code}?utm_campaign=${marker}`,
        { agent: this.agent, headers: { 'user-agent': BROWSER } },
        (response) => {
          const { statusCode: status = 0, headers } = response.resume();
          isTold = headers.connection === 'close';
          if (status !== 302) this.refusals.push({ status, retryAfter: headers['retry-after'] });
          else {
            this.answered.add(marker);
            this.latencies.push(performance.now() - startedAt);
          }
        },
      );
      const timer = setTimeout(() => {
        this.hung += 1;
        request.destroy();
      }, HUNG_MS);
      request.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNREFUSED') this.notListening += 1;
        else if (!this.answered.has(marker)) this.unanswered.add(marker);
      });
      request.on('close', () => {
        clearTimeout(timer);
        done({ isAnswered: this.answered.has(marker), isTold });
      });
    });
  }
}

/** The value that 99 of 100 do not exceed. */
export function p99(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? NaN;
}
