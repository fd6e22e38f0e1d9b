import fs from 'node:fs';
import { join } from 'node:path';
import { SocketLock } from '../../common/socket-lock.js';
import { uuidv7 } from '../../common/uuid.js';
import { OPEN, SEALED, writerLock } from './spool.types.js';

/** The part of node:fs that is written with; tests give one that fails. */
export type FileSystem = Pick<
  typeof fs,
  | 'closeSync'
  | 'fdatasync'
  | 'fsync'
  | 'ftruncateSync'
  | 'mkdirSync'
  | 'openSync'
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

/**
 * Appends to the segments of one writer directory, which no other process writes to. Synchronous on
 * purpose: a write to the page cache takes microseconds, a hand-over to the thread pool more, and
 * there it would wait behind password hashing.
 */
export class SpoolWriter {
  private lock: SocketLock | undefined;
  private segment: Segment | undefined;
  private readonly directory: string;

  constructor(
    root: string,
    private readonly files: FileSystem = fs,
  ) {
    this.directory = join(root, uuidv7());
  }

  /** Makes the directory and takes its lock; throws if that cannot be done (a read-only disk, say). */
  async prepare(): Promise<void> {
    if (this.lock) return;
    this.files.mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    this.lock = await SocketLock.acquire(writerLock(this.directory));
  }

  /** Size and age of the open segment. */
  get current(): Readonly<Pick<Segment, 'bytes' | 'openedAt'>> | undefined {
    return this.segment;
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
      this.syncedPaths.add(segment.path);
      this.syncDirectory(done);
    });
  }

  /** Closes the open segment and hands it over to the ingester. */
  seal(): void {
    const segment = this.segment;
    if (!segment) return;
    this.segment = undefined;
    this.syncedPaths.delete(segment.path);
    this.files.closeSync(segment.fd);
    this.files.renameSync(segment.path, segment.path.slice(0, -OPEN.length) + SEALED);
  }

  /** Seals, and lets the ingester see that this writer is gone. */
  async close(): Promise<void> {
    this.seal();
    await this.lock?.release();
    this.lock = undefined;
  }

  /** Segments whose directory entry is known to be on disk, too. */
  private readonly syncedPaths = new Set<string>();

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

  private syncDirectory(done: (error: Error | null) => void): void {
    const fd = this.files.openSync(this.directory, 'r');
    this.files.fsync(fd, (error) => {
      this.files.closeSync(fd);
      done(error);
    });
  }
}
