import { setTimeout as sleep } from 'node:timers/promises';
import { mkdir } from 'node:fs/promises';
import { SocketLock } from '../../common/socket-lock.js';
import { ingesterLock, type Mark } from '../common/spool-format.js';
import { type IngestionProgress, lagMsOf } from './ingestion.types.js';
import { type KeepOptions, SegmentArchive } from './segment-archive.js';
import { isPart } from './quarantine.js';
import { mayBeRefusal } from './refusal.js';
import {
  partsOf,
  type Segment,
  type SegmentFile,
  type SpoolReader,
  timeOf,
} from './spool-reader.js';
import { type SegmentMemory, SpoolReplay } from './spool-replay.js';

const POLL_MS = 100;
/** A look at a long spool costs time, too. */
const HELD_BACK_MS = 250;
const LOCK_RETRY_MS = 500;
const MAX_BACKOFF_MS = 2_000;
/**
 * For how long it is looked for the clicks of a segment that the database refuses, shared by all that wait.
 * What is not found out by then is looked at again when nothing waits.
 */
const SIFT_MS = 1_000;

/** Where segments go; it is made anew whenever the database was lost. */
export interface IngestionSession extends SegmentMemory {
  ingest(segments: Segment[]): Promise<number>;
  /** Stores what the database takes of a segment that it refuses as a whole; see `Ingester`. */
  sift(
    segment: Segment,
    withinMs: number,
    mark: (marks: Map<number, Mark>) => Promise<void>,
  ): Promise<number>;
  /** Deletes the clicks of the links for which somebody has asked for it. */
  deleteClicks(): Promise<void>;
  /** Does a part of the housekeeping; whether there is more to do. */
  tidyUp(): Promise<boolean>;
  close(): Promise<void>;
}

export interface LoopOptions extends KeepOptions {
  /** Segments up to this size are read, and handed over, at once. */
  maxBatchBytes: number;
  tidyUpMs: number;
}

/** Ingests segments as they are sealed, for as long as it holds the lock of its spool. */
export class IngestionLoop {
  readonly progress: IngestionProgress = {
    clicks: 0,
    segments: 0,
    rejectedSegments: 0,
    refusedAside: 0,
    corruptAside: 0,
    corruptRecords: 0,
    foreignFiles: 0,
    replayedSegments: 0,
    isReplaying: false,
    keptBytes: 0,
    isKeepingLess: false,
    waitingSegments: 0,
    waitingBytes: 0,
    isIngester: false,
    lookedAt: 0,
  };
  private readonly kept: SegmentArchive;
  private readonly replay: SpoolReplay;
  private readonly stopping = new AbortController();
  private lock: SocketLock | undefined;
  private session: IngestionSession | undefined;
  private tidiedAt = -Infinity;
  private failures = 0;
  /** Segments that failed when they were alone; all others go first. */
  private readonly troubled = new Set<string>();
  /** Segments of which the database has refused something: each is tried alone. */
  private readonly suspects = new Set<string>();
  /** Whether clicks wait that were kept aside. */
  private hasParts = false;

  constructor(
    private readonly options: LoopOptions,
    private readonly reader: SpoolReader,
    private readonly mayIngest: (lagMs: number) => boolean,
    private readonly connect: () => Promise<IngestionSession>,
    private readonly report: (progress: IngestionProgress) => void,
  ) {
    this.kept = new SegmentArchive(options);
    this.replay = new SpoolReplay(options.spoolRoot, this.kept, reader.quarantine);
  }

  /** Runs until `stop`. */
  async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const pause = await this.turn();
      this.report(this.progress);
      await sleep(pause, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
    await this.session?.close();
    await this.lock?.release();
  }

  stop(): void {
    this.stopping.abort();
  }

  /** One look at the spool; returns how long to wait until the next, in milliseconds. */
  async turn(): Promise<number> {
    this.progress.lookedAt = Date.now();
    try {
      if (!(await this.holdLock())) {
        this.progress.waitingSince = await this.reader.waitingSince();
        return LOCK_RETRY_MS;
      }
      this.kept.prune(Date.now());
      const waiting = await this.reader.findSegments();
      this.progress.foreignFiles = this.reader.foreignFiles;
      this.hasParts = hasParts(waiting);
      this.noteBacklog(waiting);
      if (!this.mayIngest(lagMsOf(this.progress))) return HELD_BACK_MS;
      const isNew = this.session === undefined;
      this.session ??= await this.connect();
      const batch = this.nextBatch(waiting);
      if ((isNew || batch.length > 0) && (await this.replay.findLoss(this.session))) {
        // It may know links and partitions that are lost as well.
        await this.endSession();
        return 0;
      }
      if (batch.length > 0) {
        // A batch may take seconds, and its clicks are not in the database until it has ended.
        this.report(this.progress);
        if (!(await this.ingest(batch))) return 0;
      }
      let isTriedAgain = false;
      // Not before old segments are in: the salts of their days are still needed.
      if (batch.length === waiting.length) {
        // Clicks go first: they are not to wait for a deletion that fails.
        await this.session.deleteClicks();
        if (this.replay.isActive) await this.replay.step(this.session);
        else isTriedAgain = await this.restoreUndecided(waiting);
        if (!isTriedAgain && !this.replay.isActive) await this.tidyUp();
      }
      this.failures = 0;
      this.progress.lastError = undefined;
      const rest = await this.rest(waiting, batch);
      this.noteBacklog(rest);
      this.hasParts = isTriedAgain || hasParts(rest);
      return rest.length > 0 || this.replay.isActive ? 0 : POLL_MS;
    } catch (error) {
      return this.backOff(error as Error);
    } finally {
      this.noteKept();
      await this.noteAside();
    }
  }

  private async holdLock(): Promise<boolean> {
    if (!this.lock) {
      await mkdir(this.options.spoolRoot, { recursive: true, mode: 0o700 });
      this.lock = await SocketLock.acquire(ingesterLock(this.options.spoolRoot));
      if (this.lock) this.kept.open();
    }
    this.progress.isIngester = this.lock !== undefined;
    return this.progress.isIngester;
  }

  private nextBatch(waiting: SegmentFile[]): SegmentFile[] {
    // After a failure one segment at a time, so that one that cannot be stored holds up no other.
    const untroubled = waiting.filter(({ id }) => !this.troubled.has(id));
    if (untroubled.length === 0) {
      this.troubled.clear();
      return waiting.slice(0, 1);
    }
    // Clicks that were refused before come last.
    const whole = untroubled.filter(({ id }) => !isPart(id));
    const next = whole.length > 0 ? whole : untroubled;
    if (this.failures > 0) return next.slice(0, 1);
    let bytes = 0;
    const fits = next.findIndex(
      ({ id, bytes: more }) =>
        this.suspects.has(id) || (bytes += more) > this.options.maxBatchBytes,
    );
    return fits === -1 ? next : next.slice(0, Math.max(1, fits));
  }

  /** @returns false if the database has refused them, and each is to be tried alone */
  private async ingest(batch: SegmentFile[]): Promise<boolean> {
    if (batch.length === 1) this.troubled.add(batch[0]!.id);
    const segments = await Promise.all(batch.map((file) => this.reader.read(file)));
    const added = this.suspects.has(batch[0]!.id)
      ? await this.sift(segments[0]!)
      : await this.tryAll(segments);
    if (added === undefined) return false;
    this.progress.clicks += added;
    const parts = partsOf(segments);
    const stored = parts.length > 0 ? await this.session!.knownSegments(parts) : undefined;
    this.kept.keep(batch);
    for (const segment of segments) {
      await this.reader.discard(segment, stored);
      this.progress.segments += 1;
      this.progress.corruptRecords += segment.corruptLines.length;
      this.suspects.delete(segment.id);
    }
    if (batch.length === 1) this.troubled.delete(batch[0]!.id);
    return true;
  }

  /** @returns how many clicks were added; undefined if the database refuses some of them */
  private async tryAll(segments: Segment[]): Promise<number | undefined> {
    try {
      return await this.session!.ingest(segments);
    } catch (error) {
      if (!mayBeRefusal(error)) throw error;
      for (const { id } of segments) this.suspects.add(id);
      this.progress.refusal = (error as Error).message;
      // Each alone, on a new connection: perhaps only a partition had been dropped.
      await this.endSession();
      return undefined;
    }
  }

  /** Stores what the database takes of a segment. */
  private sift(segment: Segment): Promise<number> {
    const withinMs = SIFT_MS / Math.max(1, this.progress.waitingSegments);
    return this.session!.sift(segment, withinMs, async (marks) => {
      if (marks.size === 0) return;
      await this.reader.mark(segment, marks);
      this.progress.rejectedSegments += 1;
    });
  }

  /** Goes on to find out what the database refuses, while nobody has to wait for it. */
  private async restoreUndecided(waiting: SegmentFile[]): Promise<boolean> {
    if (waiting.length > 0 || !this.mayIngest(0)) return false;
    return (await this.reader.quarantine.restoreUndecided()) > 0;
  }

  private async tidyUp(): Promise<void> {
    if (Date.now() - this.tidiedAt < this.options.tidyUpMs) return;
    const hasMore = await this.session!.tidyUp();
    if (!hasMore) this.tidiedAt = Date.now();
  }

  /** What waits after a batch. To look again at a long spool takes time, and changes little. */
  private async rest(waiting: SegmentFile[], batch: SegmentFile[]): Promise<SegmentFile[]> {
    if (waiting.length > batch.length) return waiting.filter((file) => !batch.includes(file));
    return batch.length > 0 ? this.reader.findSegments() : [];
  }

  private noteBacklog(waiting: SegmentFile[]): void {
    this.progress.waitingSegments = waiting.length;
    this.progress.waitingBytes = waiting.reduce((sum, { bytes }) => sum + bytes, 0);
    // Those that were kept aside have waited for long, but nobody is behind with them.
    const oldest = waiting.find(({ id }) => !isPart(id));
    this.progress.waitingSince = oldest && timeOf(oldest.id);
  }

  private noteKept(): void {
    this.progress.replayedSegments = this.replay.replayed;
    this.progress.isReplaying = this.progress.isIngester && this.replay.isActive;
    this.progress.keptBytes = this.kept.bytes;
    this.progress.keptSince = this.kept.since;
    this.progress.keepError = this.kept.error;
    this.progress.isKeepingLess = this.kept.isShort;
  }

  private async noteAside(): Promise<void> {
    const { quarantine } = this.reader;
    // It is looked at again at the next turn.
    await quarantine.look().catch(() => undefined);
    // Those that are tried again are not in yet.
    const isTrying = this.hasParts || this.replay.isActive;
    const { refused } = quarantine.counts;
    this.progress.refusedAside = isTrying ? Math.max(this.progress.refusedAside, refused) : refused;
    this.progress.corruptAside = quarantine.counts.corrupt;
  }

  private async backOff(error: Error): Promise<number> {
    this.failures += 1;
    this.progress.lastError = error.message;
    // Whatever state the connection is in, the next one is in a good one.
    await this.endSession();
    return Math.min(MAX_BACKOFF_MS, 100 * 2 ** this.failures);
  }

  private async endSession(): Promise<void> {
    await this.session?.close().catch(() => undefined);
    this.session = undefined;
  }
}

const hasParts = (files: SegmentFile[]): boolean => files.some(({ id }) => isPart(id));
