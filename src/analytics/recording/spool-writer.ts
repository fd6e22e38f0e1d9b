import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { SocketLock } from '../../common/socket-lock.js';
import { uuidv7 } from '../../common/uuid.js';
import { OPEN, SEALED, writerLock } from '../common/spool-format.js';

/** The part of node:fs that is written with; tests give one that fails. */
export type FileSystem = Pick<
  typeof fs,
  | 'closeSync'
  | 'existsSync'
  | 'fdatasync'
  | 'fsync'
  | 'ftruncateSync'
  | 'mkdirSync'
  | 'openSync'
  | 'readdirSync'
  | 'renameSync'
  | 'writeSync'
>;

interface Segment {
  fd: number;
  path: string;
  /** Bytes of whole batches; anything behind is the torn rest of a write that failed. */
  bytes: number;
  openedAt: number;
}

/** When a segment is sealed. */
interface SegmentLimits {
  segmentMaxBytes: number;
  segmentMaxAgeMs: number;
}

/**
 * Appends to the segments of one writer directory, which no other process writes to. Synchronous on
 * purpose: a write to the page cache takes microseconds, a hand-over to the thread pool more, and
 * there it would wait behind other files.
 */
export class SpoolWriter {
  private lock: SocketLock | undefined;
  private segment: Segment | undefined;
  private readonly directory: string;
  /** Segments whose directory entry is known to be on disk, too. */
  private readonly syncedPaths = new Set<string>();
  /** Closed segments that could not be renamed yet. */
  private unsealed: string[] = [];

  constructor(
    root: string,
    private readonly files: FileSystem = fs,
  ) {
    this.directory = join(root, uuidv7());
  }

  /**
   * Makes the directory and takes its lock, again if somebody has removed them; throws if that
   * cannot be done (a read-only disk, say). It must not run twice at once.
   */
  async prepare(): Promise<void> {
    if (this.lock && this.files.existsSync(this.directory)) return;
    await this.lock?.release();
    this.lock = undefined;
    this.files.mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    this.lock = await SocketLock.acquire(writerLock(this.directory));
  }

  /** Whether the open segment is large or old enough to be sealed. @param now Unix milliseconds */
  isDue({ segmentMaxBytes, segmentMaxAgeMs }: SegmentLimits, now: number): boolean {
    const { segment } = this;
    if (!segment) return false;
    return segment.bytes >= segmentMaxBytes || now - segment.openedAt >= segmentMaxAgeMs;
  }

  /** Whether segments of it are on disk, sealed or not: clicks that are not ingested yet. */
  get hasSegments(): boolean {
    try {
      const names = this.files.readdirSync(this.directory);
      return names.some((name) => name.endsWith(OPEN) || name.endsWith(SEALED));
    } catch {
      // The ingester removes the directory of a writer that is gone.
      return false;
    }
  }

  /** Appends the whole data or, if it throws, nothing. After a return it survives a SIGKILL. */
  append(data: Buffer, now: number): void {
    const segment = (this.segment ??= this.open(now));
    let written = 0;
    try {
      while (written < data.length) {
        written += this.files.writeSync(segment.fd, data, written, data.length - written);
      }
    } catch (error) {
      if (written > 0) this.removeTornEnd(segment);
      throw error;
    }
    segment.bytes += data.length;
  }

  /** After it has called back without an error, what was appended survives a loss of power. */
  sync(done: (error: Error | null) => void): void {
    const segment = this.segment;
    if (!segment) return done(null);
    const isFirst = !this.syncedPaths.has(segment.path);
    this.files.fdatasync(segment.fd, (error) => {
      if (error || !isFirst) return done(error);
      // The new file is found again only if the directories on the way to it are on disk as well.
      const root = dirname(this.directory);
      this.syncDirectories([this.directory, root, dirname(root)], (failure) => {
        if (!failure) this.syncedPaths.add(segment.path);
        done(failure);
      });
    });
  }

  /**
   * Closes the open segment and hands it over to the ingester. If that fails it is tried again with
   * the next one, and at the latest when this writer is gone.
   */
  seal(): void {
    const segment = this.segment;
    if (segment) {
      this.segment = undefined;
      this.syncedPaths.delete(segment.path);
      this.unsealed.push(segment.path);
      this.files.closeSync(segment.fd);
    }
    for (const path of this.unsealed) {
      this.files.renameSync(path, path.slice(0, -OPEN.length) + SEALED);
      this.unsealed = this.unsealed.filter((other) => other !== path);
    }
  }

  /** Seals, and lets the ingester see that this writer is gone, even if it could not seal. */
  async close(): Promise<void> {
    try {
      this.seal();
    } finally {
      await this.lock?.release();
      this.lock = undefined;
    }
  }

  private open(now: number): Segment {
    if (!this.lock) throw new Error('the spool directory is not ready');
    const path = join(this.directory, uuidv7(now) + OPEN);
    return { fd: this.files.openSync(path, 'ax', 0o600), path, bytes: 0, openedAt: now };
  }

  /** A new record behind half a record would be taken for a part of it. */
  private removeTornEnd(segment: Segment): void {
    try {
      this.files.ftruncateSync(segment.fd, segment.bytes);
    } catch {
      // The half record stays, at the end of a segment that nobody writes to any more.
      this.seal();
    }
  }

  private syncDirectories(paths: string[], done: (error: Error | null) => void): void {
    const [path, ...others] = paths;
    if (path === undefined) return done(null);
    let fd: number;
    try {
      fd = this.files.openSync(path, 'r');
    } catch (error) {
      return done(error as Error);
    }
    this.files.fsync(fd, (error) => {
      this.files.closeSync(fd);
      if (error) done(error);
      else this.syncDirectories(others, done);
    });
  }
}
