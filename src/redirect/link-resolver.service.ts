import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { LinksConfig } from '../../config/links.config.js';
import { Clock } from '../common/clock.js';
import { LinkChangesListener, type LinkChangesHandler } from './link-changes.listener.js';
import type { RedirectTarget } from '../links/links.types.js';
import { LookupBatcher } from './lookup-batcher.js';

/** How long an answer is believed when changes of it may have gone unheard. */
const UNHEARD_TTL_MS = 10_000;
/** How often a failing database is tried on behalf of links that can be served stale. */
const RETRY_MS = 500;
const MAX_KNOWN_MISSES = 20_000;
/** Of their targets, on average: some have thousands, and 100,000 of those would not fit. */
const MOST_BYTES_OF_LINKS = 1_024;
/** As if there were so many, so that the longest target with the most rules fits, too. */
const FEWEST = 256;

interface Entry {
  target: RedirectTarget | null;
  /** When the database was asked; Unix milliseconds. */
  askedAt: number;
}

/**
 * Finds where a short link leads, by its key, from memory if at all possible. What it says was true in
 * the database less than a second ago while changes are heard of, and less than 15 s ago while they are
 * not. Only when the database fails it says what it knew last (stale-if-error, RFC 5861).
 */
@Injectable()
export class LinkResolverService implements LinkChangesHandler {
  readonly counts = { hits: 0, misses: 0, stale: 0, failures: 0 };

  private readonly links: LRUCache<string, Entry>;
  /** Apart from the links, so that a scan of random codes cannot push out hot ones. */
  private readonly unknown = new LRUCache<string, Entry>({ max: MAX_KNOWN_MISSES });
  private failing = false;
  private triedAt = -Infinity;
  /** The codes being asked for, since when, and whether a change has overtaken the answer. */
  private readonly asking = new Map<string, { askedAt: number; overtaken: boolean }>();

  constructor(
    config: LinksConfig,
    private readonly lookups: LookupBatcher,
    private readonly listener: LinkChangesListener,
    private readonly clock: Clock,
  ) {
    this.links = new LRUCache({
      max: config.cacheSize,
      maxSize: Math.max(FEWEST, config.cacheSize) * MOST_BYTES_OF_LINKS,
      sizeCalculation: ({ target }) => sizeOf(target!),
    });
    listener.subscribe(this);
  }

  get size(): number {
    return this.links.size;
  }

  /** Queries of the database so far; each may have answered many lookups. */
  get queryCount(): number {
    return this.lookups.queryCount;
  }

  /**
   * The answer if it is known for sure at once: a target, or null for "no such link". Who uses it
   * calls `noteHit`.
   */
  peek(key: string): RedirectTarget | null | undefined {
    const entry = this.links.get(key) ?? this.unknown.get(key);
    return entry && this.isFresh(entry) ? entry.target : undefined;
  }

  noteHit(): void {
    this.counts.hits += 1;
  }

  /** The target, or null if there is no such link. Rejects if neither database nor cache can tell. */
  async resolve(key: string): Promise<RedirectTarget | null> {
    const known = this.peek(key);
    if (known !== undefined) {
      this.noteHit();
      return known;
    }
    const stale = this.links.peek(key);
    if (this.failing && this.clock.now() - this.triedAt < RETRY_MS) {
      return this.fallBack(stale, new Error('The database failed a moment ago.'));
    }
    // While the database fails nobody waits for it who can be served without.
    if (this.failing && stale) {
      this.ask(key).catch(() => undefined);
      return this.fallBack(stale, undefined);
    }
    this.counts.misses += 1;
    return this.ask(key).catch((error: unknown) => this.fallBack(stale, error));
  }

  onLinkChanged(key: string | undefined): void {
    if (key === undefined) {
      this.lookups.forgetAll();
      for (const question of this.asking.values()) question.overtaken = true;
      this.asking.clear();
      this.unknown.clear();
      // Kept for a database that fails before it was asked again.
      for (const entry of this.links.values()) entry.askedAt = -Infinity;
    } else {
      this.lookups.forget(key);
      const question = this.asking.get(key);
      if (question) question.overtaken = true;
      this.asking.delete(key);
      this.unknown.delete(key);
      this.links.delete(key);
    }
  }

  onDatabaseReachable(reachable: boolean): void {
    this.failing = !reachable;
    // Perhaps only the connection that told so is lost: the next one to ask finds out.
    this.triedAt = -Infinity;
  }

  private isFresh({ askedAt }: Entry): boolean {
    const now = this.clock.now();
    if (now - askedAt < UNHEARD_TTL_MS) return true;
    const { connectedAt, heardAt } = this.listener;
    return askedAt >= connectedAt && now - heardAt < UNHEARD_TTL_MS;
  }

  private async ask(key: string): Promise<RedirectTarget | null> {
    this.triedAt = this.clock.now();
    const question = this.asking.get(key) ?? { askedAt: this.triedAt, overtaken: false };
    this.asking.set(key, question);
    try {
      const target = await this.lookups.find(key);
      this.failing = false;
      if (!question.overtaken) this.remember(key, { target, askedAt: question.askedAt });
      return target;
    } catch (error) {
      this.failing = true;
      // From now on: who was refused here may ask once more at once, elsewhere.
      this.triedAt = this.clock.now();
      throw error;
    } finally {
      if (this.asking.get(key) === question) this.asking.delete(key);
    }
  }

  private remember(asked: string, entry: Entry): void {
    const key = detached(asked);
    if (entry.target) {
      this.unknown.delete(key);
      this.links.set(key, entry);
    } else {
      this.links.delete(key);
      this.unknown.set(key, entry);
    }
  }

  private fallBack(stale: Entry | undefined, error: unknown): RedirectTarget | null {
    if (!stale) {
      this.counts.failures += 1;
      throw error;
    }
    this.counts.stale += 1;
    return stale.target;
  }
}

/** About how many characters it holds. */
function sizeOf({ url, options }: RedirectTarget): number {
  if (options === undefined) return url.length;
  const { rules, ...rest } = options;
  return url.length + JSON.stringify(rest).length + (rules?.bytes ?? 0);
}

/** A part of a string, from 13 characters on, would keep the whole of it, here the request, in V8. */
const detached = (key: string): string => Buffer.from(key, 'latin1').toString('latin1');
