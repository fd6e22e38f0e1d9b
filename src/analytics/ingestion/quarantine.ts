import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { uuidv7 } from '../../common/uuid.js';
import { type Mark, MARKS, QUARANTINE, SEALED, UUID } from '../common/spool-format.js';

/** Another process, or a person, may change what is there. */
const LOOK_AGAIN_MS = 1_000;
/** Of lines that are no clicks. */
const CORRUPT = '.corrupt';
/** Of whole segments, which earlier versions have put aside. */
const REJECTED = '.rejected';
const UNDECIDED = '.undecided';
/** Of segments that can go back into the spool. */
const RETURNABLE = [...MARKS.map((mark) => `.${mark}`), REJECTED];

/** How many clicks are kept aside. */
export interface AsideCounts {
  /** Those that the database refuses, or perhaps does. */
  refused: number;
  corrupt: number;
}

/**
 * Where clicks are kept that are in no report: `spool/quarantine`. What the database has refused is a
 * segment of its own there, `<id>.refused`, so that it can go back into the spool and count once.
 */
export class Quarantine {
  counts: AsideCounts = { refused: 0, corrupt: 0 };
  private readonly directory: string;
  private readonly lines = new Map<string, number>();
  private lookedAt = -Infinity;

  constructor(private readonly root: string) {
    this.directory = join(root, QUARANTINE);
  }

  /** Counts what is there; the directory tells, so that it is known after a restart, too. */
  async look(): Promise<void> {
    if (performance.now() - this.lookedAt < LOOK_AGAIN_MS) return;
    const counts: AsideCounts = { refused: 0, corrupt: 0 };
    const names = await this.names();
    for (const name of names.filter((other) => extname(other) === CORRUPT))
      counts.corrupt += await this.linesOf(name);
    for (const name of names.filter(isReturnable)) counts.refused += await this.linesOf(name);
    this.counts = counts;
    this.lookedAt = performance.now();
  }

  /** Whole or not at all, and on disk when it returns: the segment that had the lines is deleted next. */
  async put(name: string, lines: string[]): Promise<void> {
    const path = await this.pathOf(name);
    await writeFile(`${path}.part`, lines.join(''), { mode: 0o600, flush: true });
    await rename(`${path}.part`, path);
    this.changed(name);
  }

  /** Takes a file that is none of the spool's. */
  async take(path: string, name: string): Promise<void> {
    await rename(path, await this.pathOf(name));
  }

  /** Forgets a segment that has been stored, should it be here again. */
  async remove(segmentId: string): Promise<void> {
    for (const end of RETURNABLE) {
      await rm(join(this.directory, segmentId + end), { force: true });
      this.changed(segmentId + end);
    }
  }

  /**
   * Puts all that the database has refused back into the spool, to be tried again.
   * @returns how many segments
   */
  async restore(): Promise<number> {
    return this.putBack((await this.names()).filter(isReturnable));
  }

  /** Puts one segment back of which nobody knows yet what the database refuses. */
  async restoreUndecided(): Promise<number> {
    const names = await this.names();
    return this.putBack(names.filter((name) => name.endsWith(UNDECIDED)).slice(0, 1));
  }

  private async putBack(names: string[]): Promise<number> {
    if (names.length === 0) return 0;
    const writer = join(this.root, uuidv7());
    await mkdir(writer, { recursive: true, mode: 0o700 });
    for (const name of names) {
      const id = name.slice(0, -extname(name).length);
      await rename(join(this.directory, name), join(writer, id + SEALED));
      this.changed(name);
    }
    return names.length;
  }

  private async names(): Promise<string[]> {
    try {
      return (await readdir(this.directory)).toSorted();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  private async linesOf(name: string): Promise<number> {
    const known = this.lines.get(name);
    if (known !== undefined) return known;
    // A person may have deleted it meanwhile.
    const text = await readFile(join(this.directory, name), 'latin1').catch(() => '');
    const lines = text.split('\n').filter((line) => line !== '').length;
    if (lines > 0) this.lines.set(name, lines);
    return lines;
  }

  private changed(name: string): void {
    this.lines.delete(name);
    this.lookedAt = -Infinity;
  }

  private async pathOf(name: string): Promise<string> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    return join(this.directory, name);
  }
}

function isReturnable(name: string): boolean {
  const end = extname(name);
  return RETURNABLE.includes(end) && UUID.test(name.slice(0, -end.length));
}

/**
 * The id of the segment that the marked clicks of another one are: always the same, so that they count
 * once however often they are put aside. A UUIDv8 (RFC 9562) that begins with the time of the other.
 */
export function partId(segmentId: string, mark: Mark): string {
  const hash = createHash('sha256').update(`${segmentId} ${mark}`).digest('hex');
  const time = segmentId.slice(0, 13);
  return `${time}-8${hash.slice(0, 3)}-8${hash.slice(3, 6)}-${hash.slice(6, 18)}`;
}

/** Whether the segment was a part of another one: it may be old, without anybody being late. */
export const isPart = (segmentId: string): boolean => segmentId[14] === '8';
