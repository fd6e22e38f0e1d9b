import { Injectable } from '@nestjs/common';
import type { RedirectTarget } from '../links/links.types.js';
import { RedirectTargetsRepository } from './redirect-targets.repository.js';

const MAX_KEYS_PER_QUERY = 500;
const MAX_QUERIES_AT_ONCE = 2;
const MAX_WAITING = 10_000;
/** What every process may ask of the database in the long run, and at once after a quiet while. */
const QUERIES_PER_SECOND = 200;
const QUERIES_SAVED_UP = 50;

interface Lookup {
  promise: Promise<RedirectTarget | null>;
  settle: (target: RedirectTarget | null) => void;
  fail: (error: unknown) => void;
}

/**
 * Turns any number of lookups into a few queries: a key is asked for once, however many wait for
 * it, and keys that come while the database is busy share the next query. So neither a herd on
 * one cold key nor a scan of random keys can overload the database: beyond 200 queries a second
 * lookups wait some milliseconds more to share one.
 */
@Injectable()
export class LookupBatcher {
  /** Queries made so far. */
  queryCount = 0;

  private waiting = new Map<string, Lookup>();
  private readonly running = new Map<string, Lookup>();
  private queries = 0;
  private readonly budget = new TokenBucket(QUERIES_PER_SECOND, QUERIES_SAVED_UP);
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly targets: RedirectTargetsRepository) {}

  /** The target, or null if there is no such link. Rejects when the database cannot answer. */
  find(key: string): Promise<RedirectTarget | null> {
    const known = this.waiting.get(key) ?? this.running.get(key);
    if (known) return known.promise;
    if (this.waiting.size >= MAX_WAITING) {
      return Promise.reject(new Error('Too many lookups are waiting.'));
    }
    const lookup = {} as Lookup;
    lookup.promise = new Promise((settle, fail) => Object.assign(lookup, { settle, fail }));
    this.waiting.set(key, lookup);
    // All keys of this turn of the event loop go together.
    if (this.waiting.size === 1) setImmediate(() => this.start());
    return lookup.promise;
  }

  /** The link changed: who asks from now on must not get the answer of a query already running. */
  forget(key: string): void {
    this.running.delete(key);
  }

  forgetAll(): void {
    this.running.clear();
  }

  private start(): void {
    while (this.waiting.size > 0 && this.queries < MAX_QUERIES_AT_ONCE) {
      const wait = this.budget.take();
      if (wait > 0) return this.startIn(wait);
      const batch = new Map([...this.waiting].slice(0, MAX_KEYS_PER_QUERY));
      for (const [key, lookup] of batch) {
        this.waiting.delete(key);
        this.running.set(key, lookup);
      }
      this.queries += 1;
      this.queryCount += 1;
      void this.run(batch);
    }
  }

  private startIn(milliseconds: number): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.start();
    }, milliseconds);
  }

  private async run(batch: Map<string, Lookup>): Promise<void> {
    try {
      const found = await this.targets.findTargets([...batch.keys()]);
      for (const [key, lookup] of batch) lookup.settle(found.get(key) ?? null);
    } catch (error) {
      // Those who still wait would only wait for the same failure: all must have an answer soon.
      const failed = [...batch.values(), ...this.waiting.values()];
      this.waiting = new Map();
      for (const lookup of failed) lookup.fail(error);
    } finally {
      for (const [key, lookup] of batch) {
        if (this.running.get(key) === lookup) this.running.delete(key);
      }
      this.queries -= 1;
      this.start();
    }
  }
}

/** So many tokens a second in the long run, and a burst of those that were saved up. */
class TokenBucket {
  private readonly interval: number;
  /** Until when tokens are taken; what has passed since is saved up. */
  private takenUntil = -Infinity;

  constructor(
    perSecond: number,
    private readonly burst: number,
  ) {
    this.interval = 1_000 / perSecond;
  }

  /** Takes one if there is one; else tells after how many milliseconds there will be. */
  take(): number {
    const now = performance.now();
    const takenUntil = Math.max(this.takenUntil, now - this.burst * this.interval);
    const wait = takenUntil + this.interval - now;
    if (wait > 0) return wait;
    this.takenUntil = takenUntil + this.interval;
    return 0;
  }
}
