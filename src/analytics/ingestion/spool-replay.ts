import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { doneDirectory, replayMarker } from '../common/spool-format.js';
import type { ArchivedSegment, SegmentArchive } from './segment-archive.js';
import type { Quarantine } from './quarantine.js';

/** At a time, so that clicks of now are ingested in between. */
const SEGMENTS_AT_ONCE = 1_000;
/** Compressed; some ten times as much in the spool. */
const BYTES_AT_ONCE = 4 * 1024 * 1024;

/** Knows which segments the database has. */
export interface SegmentMemory {
  knownSegments(ids: string[]): Promise<Set<string>>;
}

/**
 * Asks for a replay of the kept segments and of what the database has refused, of the process that ingests, now or when it starts. It is
 * noted in a file, so that a replay outlives the process that works on it.
 */
export function requestReplay(spoolRoot: string): void {
  mkdirSync(doneDirectory(spoolRoot), { recursive: true, mode: 0o700 });
  writeFileSync(replayMarker(spoolRoot), '', { mode: 0o600 });
}

/**
 * Brings back what the database has lost: those of the kept segments that it does not know go back into
 * the spool, where they are like all others. So it does not matter how often it is done, nor whether
 * a process is killed meanwhile.
 */
export class SpoolReplay {
  /** Segments that were put back. */
  replayed = 0;
  private remaining: Iterator<ArchivedSegment> | undefined;

  constructor(
    private readonly spoolRoot: string,
    private readonly kept: SegmentArchive,
    private readonly quarantine: Pick<Quarantine, 'restore'>,
  ) {}

  get isActive(): boolean {
    return existsSync(replayMarker(this.spoolRoot));
  }

  /**
   * Whether the database has lost segments, so that a replay begins. A backup and a standby that lagged
   * behind lack what was committed last: to ask for that is enough, and needs no knowledge of how the
   * database was replaced, nor that the connection has noticed.
   */
  async findLoss(database: SegmentMemory): Promise<boolean> {
    const { newest } = this.kept;
    if (newest.length === 0) return false;
    const known = await database.knownSegments(newest);
    if (newest.every((id) => known.has(id))) return false;
    requestReplay(this.spoolRoot);
    this.remaining = undefined;
    // The replay begins anew when those that are ingested next are lost, too.
    this.kept.forgetNewest();
    return true;
  }

  /** Puts back the next part, at first what the database had refused; all that was put back before being in the database. */
  async step(database: SegmentMemory): Promise<void> {
    if (!this.remaining) {
      this.remaining = this.kept.all();
      if ((await this.quarantine.restore()) > 0) return;
    }
    const part = take(this.remaining);
    if (part.length === 0) {
      this.remaining = undefined;
      rmSync(replayMarker(this.spoolRoot), { force: true });
      return;
    }
    try {
      const known = await database.knownSegments(part.map(({ id }) => id));
      this.replayed += this.kept.restore(part.filter(({ id }) => !known.has(id)));
    } catch (error) {
      // From the beginning, when the database answers again: what it knows is soon passed over.
      this.remaining = undefined;
      throw error;
    }
  }
}

function take(segments: Iterator<ArchivedSegment>): ArchivedSegment[] {
  const part: ArchivedSegment[] = [];
  let bytes = 0;
  while (part.length < SEGMENTS_AT_ONCE && bytes < BYTES_AT_ONCE) {
    const { value, done } = segments.next();
    if (done) break;
    part.push(value);
    bytes += value.bytes;
  }
  return part;
}
