import { randomUUID } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { SocketLock } from '../../common/socket-lock.js';
import {
  type ClickRecord,
  decodeClick,
  OPEN,
  QUARANTINE,
  SEALED,
  splitDamaged,
  UUID,
  writerLock,
} from '../recording/spool.types.js';

const LIVENESS_CHECK_MS = 1_000;

export interface SegmentFile {
  id: string;
  path: string;
  bytes: number;
}

export interface Segment extends SegmentFile {
  records: ClickRecord[];
  corruptLines: string[];
}

/** Finds and reads the segments of all writers of a spool, also of those that have died. */
export class SpoolReader {
  foreignFiles = 0;
  private readonly checkedAt = new Map<string, number>();

  constructor(private readonly root: string) {}

  /** The segments to be ingested, the oldest first. */
  async findSegments(): Promise<SegmentFile[]> {
    const entries = await readdir(this.root, { withFileTypes: true });
    const writers = entries.filter((entry) => entry.isDirectory() && UUID.test(entry.name));
    for (const entry of entries.filter(isForeign)) await this.setForeignAside(entry.name);
    const found = await Promise.all(writers.map((entry) => this.scan(entry.name)));
    return found.flat().toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  /**
   * When the oldest segment was begun, for one that leaves them to another process; undefined if there
   * are none. Unix milliseconds.
   */
  async waitingSince(): Promise<number | undefined> {
    const entries = await readdir(this.root, { recursive: true });
    const ids = entries
      .filter((path) => path.endsWith(SEALED))
      .map((path) => basename(path, SEALED))
      .filter((id) => UUID.test(id));
    return ids.length === 0 ? undefined : timeOf(ids.toSorted()[0]!);
  }

  async read(file: SegmentFile): Promise<Segment> {
    const segment: Segment = { ...file, records: [], corruptLines: [] };
    for (const line of (await readFile(file.path, 'utf8')).split('\n')) {
      if (line === '') continue;
      const record = decodeClick(line);
      if (record) segment.records.push(record);
      else salvage(line, segment);
    }
    return segment;
  }

  /** Removes an ingested segment; its damaged lines are kept aside. */
  async discard(segment: Segment): Promise<void> {
    if (segment.corruptLines.length > 0) {
      const lines = segment.corruptLines.map((line) => `${line}\n`).join('');
      await appendFile(await this.quarantined(`${segment.id}.corrupt`), lines, { mode: 0o600 });
    }
    await rm(segment.path, { force: true });
  }

  /** Keeps a whole segment aside, for a person to look at. */
  async setAside(segment: SegmentFile): Promise<void> {
    await rename(segment.path, await this.quarantined(`${segment.id}.rejected`));
  }

  private async scan(writer: string): Promise<SegmentFile[]> {
    const directory = join(this.root, writer);
    let names = await readdir(directory);
    if (names.every((name) => !name.endsWith(SEALED)) && (await this.isDead(writer))) {
      // Read again: it may have sealed and died since.
      names = await this.takeOver(directory, await readdir(directory));
    }
    const sealed: SegmentFile[] = [];
    for (const name of names) {
      const id = name.replace(SEALED, '');
      if (name.endsWith(SEALED) && UUID.test(id)) {
        const path = join(directory, name);
        sealed.push({ id, path, bytes: (await stat(path)).size });
      } else if (!name.startsWith('alive.lock') && !isOpenSegment(name)) {
        await this.setForeignAside(join(writer, name));
      }
    }
    return sealed;
  }

  /** @param path in the spool */
  private async setForeignAside(path: string): Promise<void> {
    this.foreignFiles += 1;
    const name = `${path.replaceAll(sep, '.')}.${randomUUID()}.foreign`;
    await rename(join(this.root, path), await this.quarantined(name));
  }

  /** Seals what a dead writer left open, and removes its directory once there is nothing left. */
  private async takeOver(directory: string, names: string[]): Promise<string[]> {
    const open = names.filter(isOpenSegment);
    for (const name of open) {
      const path = join(directory, name);
      await rename(path, path.slice(0, -OPEN.length) + SEALED);
    }
    if (open.length > 0) return readdir(directory);
    if (names.every((name) => name.startsWith('alive.lock'))) {
      for (const name of names) await rm(join(directory, name), { force: true });
      await rmdir(directory);
      return [];
    }
    return names;
  }

  /** Asked at most once a second; a new writer takes its lock before it opens its first segment. */
  private async isDead(writer: string): Promise<boolean> {
    const now = Date.now();
    const checkedAt = this.checkedAt.get(writer);
    if (checkedAt === undefined) {
      // A directory seen for the first time may be of a writer just about to take its lock.
      const { ctimeMs } = await stat(join(this.root, writer));
      if (now - ctimeMs < LIVENESS_CHECK_MS) return false;
    } else if (now - checkedAt < LIVENESS_CHECK_MS) {
      return false;
    }
    this.checkedAt.set(writer, now);
    return !(await SocketLock.isHeld(writerLock(join(this.root, writer))));
  }

  private async quarantined(name: string): Promise<string> {
    const directory = join(this.root, QUARANTINE);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return join(directory, name);
  }
}

/** A line counts as damaged also if all in it could be saved: it is kept as it was found. */
function salvage(line: string, segment: Segment): void {
  for (const part of splitDamaged(line)) {
    const record = decodeClick(part);
    if (record) segment.records.push(record);
  }
  segment.corruptLines.push(line);
}

/** When the segment was begun: the time in its UUIDv7, Unix milliseconds. */
export const timeOf = (id: string): number => parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

/** A file in the root of the spool, where only a lock should be; hidden ones are of file systems. */
const isForeign = (entry: Dirent): boolean =>
  entry.isFile() && !entry.name.startsWith('ingester.lock') && !entry.name.startsWith('.');

const isOpenSegment = (name: string): boolean =>
  name.endsWith(OPEN) && UUID.test(name.slice(0, -OPEN.length));
