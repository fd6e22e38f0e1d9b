import type { Counts, Owner, OwnerDay } from '../analytics.types.js';
import { countsAt, KIND_COUNT } from '../common/click-kinds.js';
import type { ClickSums } from '../common/click-sums.js';
import { groupBy, groupsOf } from '../common/groups.js';
import type { SqlClient } from '../common/sql.js';
import { BlockBuilder, type Part } from './block-builder.js';
import { BlockCache } from './block-cache.js';
import { BlockCounter } from './block-counter.js';
import {
  type BlockHead,
  BlocksRepository,
  MERGED_LEVEL,
  type NewBlock,
} from './blocks.repository.js';
import type { BlockDay, BlockQuery, DayOfClicks } from './blocks.types.js';

/** So many blocks of a level are merged into one of the next. */
const FAN_IN = 16;
/** Clicks of a block, beyond which blocks are not merged: some 50 bytes of memory each while they are. */
const MOST_CLICKS_MERGED = 1_000_000;
/** Clicks whose blocks are read at once: a few bytes of memory each. */
const CLICKS_AT_ONCE = 2_000_000;

/** What stays in memory of the blocks that were read. */
export interface BlocksOptions {
  /** Nothing, if undefined. */
  cache?: BlockCache;
  mostClicksMerged?: number;
}

/**
 * The compact form of clicks, in which they are kept for ever: blocks, each of a day of a link or a
 * workspace. Clicks are appended as new blocks, blocks are merged, and reports count them. Nobody else
 * knows their tables or bytes, which docs/click-blocks.md draws.
 *
 * It works on one connection, so that the caller can make it one transaction. Who changes blocks has a
 * lock on the row of the day.
 */
export class ClickBlocksService {
  private readonly repository: BlocksRepository;
  private readonly cache: BlockCache;
  private readonly mostClicksMerged: number;

  constructor(client: SqlClient, { cache, mostClicksMerged }: BlocksOptions = {}) {
    this.repository = new BlocksRepository(client);
    this.cache = cache ?? new BlockCache(0);
    this.mostClicksMerged = mostClicksMerged ?? MOST_CLICKS_MERGED;
  }

  /** A cache that several of them may share. */
  static newCache(mostBytes: number): BlockCache {
    return new BlockCache(mostBytes);
  }

  /** Writes one block for each of the days. */
  async append(owner: Owner, days: DayOfClicks[]): Promise<void> {
    const blocks = days.map(({ ownerId, day, clicks }): NewBlock => {
      const builder = new BlockBuilder(owner, clicks.length);
      for (const click of clicks) builder.add(click);
      return { ownerId, day, level: 0, clicks: clicks.length, parts: builder.build() };
    });
    await this.repository.insert(owner, blocks);
  }

  /**
   * Merges the blocks of days for which it is time: every 16th block merges the last 16, every 256th
   * the last 16 of those, and so on (a log-structured merge tree), so that a day has few blocks at any
   * time, and a click is rewritten only a few times.
   */
  async mergeDue(owner: Owner, days: BlockDay[]): Promise<void> {
    for (const [level, due] of groupBy(days, ({ blocks }) => levelDue(blocks))) {
      if (level > 0) await this.merge(owner, due, level - 1, level);
    }
  }

  /** Merges the blocks of days that are over: mostly into one. */
  async mergePast(owner: Owner, days: OwnerDay[]): Promise<void> {
    await this.merge(owner, days, MERGED_LEVEL, MERGED_LEVEL);
  }

  /** Days before that one that `mergePast` is for. */
  unmergedDays(owner: Owner, before: number, limit: number): Promise<OwnerDay[]> {
    return this.repository.unmergedDays(owner, before, limit);
  }

  /** Deletes all blocks of the owners. */
  forget(owner: Owner, ownerIds: string[]): Promise<void> {
    return this.repository.forget(owner, ownerIds);
  }

  /**
   * Takes the clicks of a link out of the blocks of a day of a workspace.
   * @param link its number
   * @returns what they counted
   */
  async removeLink(day: OwnerDay, link: number): Promise<Counts> {
    const kept: NewBlock[] = [];
    const removed = new Uint32Array(KIND_COUNT);
    for (const block of await this.repository.take('workspace', [day], MERGED_LEVEL)) {
      const builder = new BlockBuilder('workspace', block.clicks);
      const ofBlock = builder.appendWithout(link, block.parts);
      const clicks = block.clicks - countsAt(ofBlock, 0).clicks;
      for (const [kind, count] of ofBlock.entries()) removed[kind]! += count;
      if (clicks === block.clicks) kept.push(block);
      else if (clicks > 0) kept.push({ ...block, clicks, parts: builder.build() });
    }
    await this.repository.insert('workspace', kept);
    return countsAt(removed, 0);
  }

  /** Adds up the clicks of all blocks that the query is about. */
  async count(query: BlockQuery, sums: ClickSums): Promise<void> {
    if (query.times.length === 0) return;
    const counter = new BlockCounter(query, sums);
    const missing: BlockHead[] = [];
    for (const head of await this.repository.list(query)) {
      const parts = this.cache.find(head.id, counter.partsOf(head.day));
      if (parts) counter.add({ ...head, parts });
      else missing.push(head);
    }
    // Days that are cut need other parts than whole ones.
    for (const those of groupBy(missing, ({ day }) => counter.partsOf(day).join()).values()) {
      await this.readAndCount(query.owner, those, counter.partsOf(those[0].day), counter);
    }
  }

  private async readAndCount(
    owner: Owner,
    heads: BlockHead[],
    names: Part[],
    counter: BlockCounter,
  ): Promise<void> {
    for (const some of groupsOf(heads, ({ clicks }) => clicks, CLICKS_AT_ONCE)) {
      for (const block of await this.repository.read(owner, some, names)) {
        this.cache.keep(block.id, names, block.parts);
        counter.add(block);
      }
    }
  }

  /** Makes one block, of that level, of those of each day up to a level; several, if it would be very large. */
  private async merge(owner: Owner, days: OwnerDay[], upTo: number, level: number): Promise<void> {
    if (days.length === 0) return;
    const taken = await this.repository.take(owner, days, upTo);
    const ofDays = groupBy(taken, ({ ownerId, day }) => `${ownerId} ${day}`);
    const merged = [...ofDays.values()]
      .flatMap((blocks) => groupsOf(blocks, ({ clicks }) => clicks, this.mostClicksMerged))
      .map((blocks) => mergeBlocks(owner, blocks, level));
    await this.repository.insert(owner, merged);
  }
}

function mergeBlocks(owner: Owner, blocks: [NewBlock, ...NewBlock[]], level: number): NewBlock {
  const [{ ownerId, day }] = blocks;
  const clicks = blocks.reduce((sum, block) => sum + block.clicks, 0);
  const builder = new BlockBuilder(owner, clicks);
  for (const block of blocks) builder.append(block.parts, block.clicks);
  return { ownerId, day, level, clicks, parts: builder.build() };
}

/**
 * To which level the blocks of a day are to be merged when so many were written.
 * @returns 0 for none
 */
function levelDue(blocks: number): number {
  let level = 0;
  for (let rest = blocks; rest > 0 && rest % FAN_IN === 0; rest /= FAN_IN) level += 1;
  return Math.min(level, MERGED_LEVEL - 1);
}
