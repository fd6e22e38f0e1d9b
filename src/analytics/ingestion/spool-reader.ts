import { randomUUID } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { SocketLock } from '../../common/socket-lock.js';
import {
  type ClickRecord,
  decodeClick,
  decodeMarked,
  encodeClick,
  encodeMarked,
  type Mark,
  MARKS,
  OPEN,
  SEALED,
  splitDamaged,
  UUID,
  writerLock,
} from '../common/spool-format.js';
import { isPart, partId, Quarantine } from './quarantine.js';

const LIVENESS_CHECK_MS = 1_000;
/** Of the new form of a segment, until it takes its place. */
const MARKING = '.marking';

export interface SegmentFile {
  id: string;
  path: string;
  bytes: number;
}

export interface Segment extends SegmentFile {
  records: ClickRecord[];
  /** What is to be kept aside, and stored as a segment of its own, if at all. */
  marked: { mark: Mark; record: ClickRecord }[];
  corruptLines: string[];
}

/** Finds and reads the segments of all writers of a spool, also of those that have died. */
export class SpoolReader {
  foreignFiles = 0;
  readonly quarantine: Quarantine;
  private readonly checkedAt = new Map<string, number>();

  constructor(private readonly root: string) {
    this.quarantine = new Quarantine(root);
  }

  /** The segments to be ingested, the oldest first. */
  async findSegments(): Promise<SegmentFile[]> {
    const entries = await readdir(this.root, { withFileTypes: true });
    const writers = entries.filter((entry) => entry.isDirectory() && UUID.test(entry.name));
    for (const entry of entries.filter(isForeign)) await this.setForeignAside(entry.name);
    const found = await Promise.all(writers.map((entry) => this.scan(entry.name)));
    return found.flat().toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  /**
   * When the oldest segment was begun that is no part of another, for one that leaves them to another
   * process; undefined if there are none. Unix milliseconds.
   */
  async waitingSince(): Promise<number | undefined> {
    const entries = await readdir(this.root, { recursive: true });
    const ids = entries
      .filter((path) => path.endsWith(SEALED))
      .map((path) => basename(path, SEALED))
      .filter((id) => UUID.test(id) && !isPart(id));
    return ids.length === 0 ? undefined : timeOf(ids.toSorted()[0]!);
  }

  async read(file: SegmentFile): Promise<Segment> {
    const segment: Segment = { ...file, records: [], marked: [], corruptLines: [] };
    for (const line of (await readFile(file.path, 'utf8')).split('\n')) {
      if (line === '') continue;
      const record = decodeClick(line);
      const marked = record ? undefined : decodeMarked(line);
      if (record) segment.records.push(record);
      else if (marked) segment.marked.push(marked);
      else salvage(line, segment);
    }
    return segment;
  }

  /**
   * Marks records, by their index, as no part of the segment any more. Its file tells it from then on,
   * whatever happens to this process: these clicks are never stored under the id of this segment.
   */
  async mark(segment: Segment, marks: Map<number, Mark>): Promise<void> {
    const { id, path, records, marked, corruptLines } = segment;
    // Else they would be looked through for whole records again.
    await this.putCorruptAside(id, corruptLines);
    for (const [index, mark] of marks) marked.push({ mark, record: records[index]! });
    segment.records = records.filter((_, index) => !marks.has(index));
    const lines = [
      ...segment.records.map(encodeClick),
      ...marked.map(({ mark, record }) => encodeMarked(mark, record)),
    ];
    const unfinished = path.slice(0, -SEALED.length) + MARKING;
    await writeFile(unfinished, lines.join(''), { mode: 0o600, flush: true });
    await rename(unfinished, path);
  }

  /**
   * Removes an ingested segment; what is damaged and what is marked is kept aside.
   * @param stored ids of marked parts that the database has already
   */
  async discard(segment: Segment, stored: ReadonlySet<string> = new Set()): Promise<void> {
    const { id, path, marked, corruptLines } = segment;
    await this.putCorruptAside(id, corruptLines);
    for (const mark of marksOf(segment)) {
      const part = partId(id, mark);
      const lines = marked.filter((one) => one.mark === mark).map((one) => encodeClick(one.record));
      if (!stored.has(part)) await this.quarantine.put(`${part}.${mark}`, lines);
    }
    if (isPart(id)) await this.quarantine.remove(id);
    await rm(path, { force: true });
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
      } else if (!isOurs(name)) {
        await this.setForeignAside(join(writer, name));
      }
    }
    return sealed;
  }

  /** @param path in the spool */
  private async setForeignAside(path: string): Promise<void> {
    this.foreignFiles += 1;
    const name = `${path.replaceAll(sep, '.')}.${randomUUID()}.foreign`;
    await this.quarantine.take(join(this.root, path), name);
  }

  private async putCorruptAside(segmentId: string, lines: string[]): Promise<void> {
    if (lines.length === 0) return;
    const text = lines.map((line) => `${line}\n`);
    await this.quarantine.put(`${segmentId}.corrupt`, text);
  }

  /** Seals what a dead writer left open, and removes its directory once there is nothing left. */
  private async takeOver(directory: string, names: string[]): Promise<string[]> {
    const open = names.filter(isOpenSegment);
    for (const name of open) {
      const path = join(directory, name);
      await rename(path, path.slice(0, -OPEN.length) + SEALED);
    }
    if (open.length > 0) return readdir(directory);
    if (names.every(isLeftBehind)) {
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

/** What a writer, or a process that was killed while it marked a segment, has left. */
const isLeftBehind = (name: string): boolean =>
  name.startsWith('alive.lock') || name.endsWith(MARKING);

const isOurs = (name: string): boolean => isLeftBehind(name) || isOpenSegment(name);

/** The ids of the parts that the marked records of segments become. */
export const partsOf = (segments: Segment[]): string[] =>
  segments.flatMap((segment) => marksOf(segment).map((mark) => partId(segment.id, mark)));

const marksOf = ({ marked }: Segment): Mark[] =>
  MARKS.filter((mark) => marked.some((one) => one.mark === mark));

const isOpenSegment = (name: string): boolean =>
  name.endsWith(OPEN) && UUID.test(name.slice(0, -OPEN.length));
