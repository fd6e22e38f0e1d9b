import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { uuidv7 } from '../../common/uuid.js';
import { doneDirectory, SEALED, UUID } from '../common/spool-format.js';
import { type SegmentFile, timeOf } from './spool-reader.js';

const KEPT = '.kept';
/** Of a segment that is being put back; what a killed process has left is removed. */
const UNFINISHED = '.unfinished';
/** How long an archive is added to: it is deleted as a whole. */
const ARCHIVE_MS = 60 * 60 * 1000;
/** The part of the whole size at which another archive is begun, for the same reason. */
const ARCHIVE_PART = 1 / 16;
/** Kept segments leave this part of the disk free for clicks that are not in the database yet. */
const FREE_PART = 1 / 10;
/** So much is enough, on any disk. */
const FREE_BYTES = 1024 ** 3;
/** Of so many segments that were stored before this process began is known that they were the last. */
const NEWEST_AT_START = 1_000;

/** In front of each segment: its id and its compressed size, in a line. */
const HEADER = /^([0-9a-f-]{36}) (\d{10})\n$/;
const HEADER_BYTES = 48;
const header = (id: string, bytes: number): string => `${id} ${String(bytes).padStart(10, '0')}\n`;

export interface KeepOptions {
  spoolRoot: string;
  /** How long segments are kept; not at all if 0. */
  keepMs: number;
  keepMaxBytes: number;
}

interface Archive {
  path: string;
  begunAt: number;
  bytes: number;
}

/** Where a kept segment is. */
export interface ArchivedSegment {
  id: string;
  archive: string;
  offset: number;
  /** Its compressed size. */
  bytes: number;
}

/**
 * The segments that are in the database already, compressed into archives of an hour: the database may
 * come back without them. Only the ingester of the spool works on them, in its own thread, so that file
 * operations may be synchronous. Nothing here fails the ingestion: what cannot be kept is not kept.
 */
export class SegmentArchive {
  /** The segments that were ingested last. If the database has lost any, then some of these. */
  newest: string[] = [];
  /** Why segments are not kept, or could not be read; of the latest attempt. */
  error: string | undefined;
  /** Whether some were deleted early, for lack of room, and those that are left do not go back far enough. */
  private isCut = false;
  private readonly directory: string;
  private archives: Archive[] = [];
  /** The archive that is added to. */
  private current: Archive | undefined;
  private latestBatch: string[] = [];
  /** Put back, and not ingested again yet: their archive still has them. */
  private readonly restored = new Set<string>();

  constructor(private readonly options: KeepOptions) {
    this.directory = doneDirectory(options.spoolRoot);
  }

  /** Finds what earlier processes have kept. Called when this one has become the ingester. */
  open(): void {
    this.attempt(() => {
      const names = existsSync(this.directory) ? readdirSync(this.directory) : [];
      for (const name of names.filter((file) => file.endsWith(UNFINISHED)))
        rmSync(join(this.directory, name), { force: true });
      this.archives = names
        .filter((name) => name.endsWith(KEPT) && UUID.test(basename(name, KEPT)))
        .toSorted()
        .map((name) => {
          const path = join(this.directory, name);
          return { path, begunAt: timeOf(name), bytes: statSync(path).size };
        });
      this.findNewest();
    });
  }

  get bytes(): number {
    return this.archives.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** When the oldest archive was begun; Unix milliseconds. */
  get since(): number | undefined {
    return this.archives[0]?.begunAt;
  }

  /** Whether fewer segments are kept than the options say. */
  get isShort(): boolean {
    return this.isCut || this.error !== undefined;
  }

  /** Keeps segments that have just been committed, before their files are deleted. */
  keep(segments: SegmentFile[]): void {
    if (this.options.keepMs === 0) return;
    // Two batches: the one before this may have been lost while this was on its way.
    const batch = segments.map(({ id }) => id);
    this.newest = [...this.latestBatch, ...batch];
    this.latestBatch = batch;
    const fresh = segments.filter(({ id }) => !this.restored.delete(id));
    if (fresh.length === 0) return;
    this.attempt(() => {
      if (this.isDiskShort()) throw new Error('the disk is almost full');
      const archive = this.writable(Date.now());
      const data = Buffer.concat(fresh.flatMap(encode));
      // Not to be added to should this fail half-way.
      this.current = undefined;
      try {
        appendFileSync(archive.path, data, { mode: 0o600 });
      } catch (error) {
        // A quota, perhaps, which does not show before: clicks of now need the room.
        this.dropOldest();
        throw error;
      }
      archive.bytes += data.length;
      this.current = archive;
    });
  }

  /** They are lost, and part of a replay: from now on others are the newest. */
  forgetNewest(): void {
    this.newest = [];
    this.latestBatch = [];
  }

  /** Deletes what was kept long enough, and what there is no room for, the oldest first. */
  prune(now: number): void {
    this.attempt(() => {
      while (this.archives.length > 0 && this.isTooMuch(this.archives[0]!, now)) {
        if (!this.isOver(this.archives[0]!, now)) this.isCut = true;
        this.dropOldest();
      }
      if (this.since !== undefined && now - this.since >= this.options.keepMs) this.isCut = false;
    }, this.error);
  }

  /** All that is kept, the oldest archive first. */
  *all(): Generator<ArchivedSegment> {
    // Some may be deleted meanwhile.
    const paths = this.archives.map(({ path }) => path);
    for (const path of paths) if (existsSync(path)) yield* scan(path).segments;
  }

  /**
   * Puts segments back into the spool, to be ingested. Throws if the disk does not take them.
   * @returns how many; damaged ones are left out
   */
  restore(segments: ArchivedSegment[]): number {
    let count = 0;
    const writer = join(this.options.spoolRoot, uuidv7());
    for (const segment of segments) {
      let data: Buffer | undefined;
      this.attempt(() => (data = decode(segment)), this.error);
      if (!data) continue;
      mkdirSync(writer, { recursive: true, mode: 0o700 });
      // Whole or not at all: half a segment would be taken for all of it.
      const unfinished = join(this.directory, segment.id + UNFINISHED);
      writeFileSync(unfinished, data, { mode: 0o600 });
      renameSync(unfinished, join(writer, segment.id + SEALED));
      this.restored.add(segment.id);
      count += 1;
    }
    return count;
  }

  /** Goes on with the newest archive unless it ends in the middle of a segment. */
  private findNewest(): void {
    this.newest = [];
    for (const archive of this.archives.toReversed()) {
      const { segments, isWhole } = scan(archive.path);
      if (archive === this.archives.at(-1) && isWhole) this.current = archive;
      this.newest = [...segments.map(({ id }) => id), ...this.newest].slice(-NEWEST_AT_START);
      if (this.newest.length === NEWEST_AT_START) return;
    }
  }

  private writable(now: number): Archive {
    const { current } = this;
    const isFull = current && current.bytes >= this.options.keepMaxBytes * ARCHIVE_PART;
    if (current && !isFull && now - current.begunAt < ARCHIVE_MS) return current;
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    const archive = { path: join(this.directory, uuidv7(now) + KEPT), begunAt: now, bytes: 0 };
    this.archives.push(archive);
    return archive;
  }

  private dropOldest(): void {
    const { path } = this.archives[0]!;
    rmSync(path, { force: true });
    if (this.current?.path === path) this.current = undefined;
    this.archives.shift();
    // After a long stop the database may have forgotten them, and nothing is left to offer.
    if (this.archives.length === 0) this.forgetNewest();
  }

  private isTooMuch(archive: Archive, now: number): boolean {
    const isFull = this.bytes > this.options.keepMaxBytes || this.isDiskShort();
    return isFull || this.isOver(archive, now);
  }

  private isOver({ begunAt }: Archive, now: number): boolean {
    const { keepMs } = this.options;
    return keepMs === 0 || now - begunAt >= keepMs + ARCHIVE_MS;
  }

  private isDiskShort(): boolean {
    const { bavail, blocks, bsize } = statfsSync(this.options.spoolRoot);
    return bavail * bsize < Math.min(blocks * bsize * FREE_PART, FREE_BYTES);
  }

  /** @param otherwise what `error` is if this succeeds */
  private attempt(work: () => void, otherwise?: string): void {
    try {
      work();
      this.error = otherwise;
    } catch (error) {
      this.error = (error as Error).message;
    }
  }
}

/** Fast rather than small: it takes from the time of redirects, too. */
function encode({ id, path }: SegmentFile): Buffer[] {
  const data = gzipSync(readFileSync(path), { level: 1 });
  return [Buffer.from(header(id, data.length)), data];
}

/** Throws if it is damaged: gzip has a checksum. */
function decode({ archive, offset, bytes }: ArchivedSegment): Buffer {
  const fd = openSync(archive, 'r');
  try {
    const data = Buffer.alloc(bytes);
    readSync(fd, data, 0, bytes, offset);
    return gunzipSync(data);
  } finally {
    closeSync(fd);
  }
}

/** Reads the headers of an archive; it may end in the middle of a segment, after a power loss, say. */
function scan(archive: string): { segments: ArchivedSegment[]; isWhole: boolean } {
  const segments: ArchivedSegment[] = [];
  const fd = openSync(archive, 'r');
  try {
    const { size } = fstatSync(fd);
    const buffer = Buffer.alloc(HEADER_BYTES);
    let offset = 0;
    while (offset < size) {
      const length = readSync(fd, buffer, 0, HEADER_BYTES, offset);
      const [, id, bytes] = HEADER.exec(buffer.toString('latin1', 0, length)) ?? [];
      const start = offset + HEADER_BYTES;
      offset = start + Number(bytes);
      if (id === undefined || offset > size) return { segments, isWhole: false };
      segments.push({ id, archive, offset: start, bytes: Number(bytes) });
    }
    return { segments, isWhole: true };
  } finally {
    closeSync(fd);
  }
}
