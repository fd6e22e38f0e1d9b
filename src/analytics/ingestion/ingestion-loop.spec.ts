import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOUR_MS } from '../analytics.types.js';
import { uuidv7 } from '../../common/uuid.js';
import { aClick } from '../recording/click.fake.js';
import { type ClickRecord, encodeClick, type Mark } from '../common/spool-format.js';
import { IngestionLoop, type IngestionSession } from './ingestion-loop.js';
import { type IngestionProgress, lagMsOf } from './ingestion.types.js';
import { type Segment, SpoolReader } from './spool-reader.js';
import { requestReplay } from './spool-replay.js';

const line = encodeClick(aClick);

describe(IngestionLoop.name, () => {
  let spoolRoot: string;
  let batches: Segment[][];
  let failWith: ((segments: Segment[]) => Error | undefined) | undefined;
  let tidied: number;
  let reports: IngestionProgress[];
  let loops: IngestionLoop[];
  /** The ids that the database has. */
  let stored: Set<string>;
  /** Which clicks the database refuses when it is asked about each. */
  let refused: (click: ClickRecord) => boolean;
  /** Of how many it finds that out in the time that it has. */
  let decidedAtOnce: number;
  /** How long the pacer holds clicks back. */
  let waitMs: number;
  /** Segments are taken in the order they were begun. */
  let time = Date.now() - 60_000;

  beforeEach(() => {
    spoolRoot = mkdtempSync(join(tmpdir(), 'signpost-loop-'));
    batches = [];
    failWith = undefined;
    refused = () => true;
    decidedAtOnce = Infinity;
    tidied = 0;
    reports = [];
    waitMs = 0;
    loops = [];
    stored = new Set();
  });
  afterEach(async () => {
    for (const loop of loops) {
      loop.stop();
      await loop.run();
    }
    rmSync(spoolRoot, { recursive: true, force: true });
  });

  const session: IngestionSession = {
    ingest: (segments) => {
      const error = failWith?.(segments);
      if (error) return Promise.reject(error);
      const fresh = segments.filter(({ id }) => !stored.has(id));
      batches.push(segments);
      for (const { id } of fresh) stored.add(id);
      return Promise.resolve(fresh.reduce((sum, { records }) => sum + records.length, 0));
    },
    sift: async (segment, _withinMs, mark) => {
      const marks = new Map(
        segment.records.flatMap<[number, Mark]>((record, index) =>
          refused(record) ? [[index, 'refused']] : [],
        ),
      );
      for (const index of [...marks.keys()].slice(decidedAtOnce)) marks.set(index, 'undecided');
      await mark(marks);
      stored.add(segment.id);
      batches.push([segment]);
      return segment.records.length;
    },
    knownSegments: (ids) => Promise.resolve(new Set(ids.filter((id) => stored.has(id)))),
    deleteClicks: () => Promise.resolve(),
    tidyUp: () => Promise.resolve((tidied += 1) < 0),
    close: () => Promise.resolve(),
  };

  function loopWith(maxBatchBytes = 1_000_000): IngestionLoop {
    const options = {
      spoolRoot,
      maxBatchBytes,
      tidyUpMs: 1_000,
      keepMs: HOUR_MS,
      keepMaxBytes: 1e6,
    };
    const reader = new SpoolReader(spoolRoot);
    const loop = new IngestionLoop(
      options,
      reader,
      (lagMs) => lagMs >= waitMs,
      () => Promise.resolve(session),
      (progress) => void reports.push({ ...progress }),
    );
    loops.push(loop);
    return loop;
  }

  function sealed(...texts: string[]): string[] {
    const directory = join(spoolRoot, uuidv7());
    mkdirSync(directory, { recursive: true });
    return texts.map((text) => {
      const path = join(directory, `${uuidv7((time += 1))}.sealed`);
      writeFileSync(path, text);
      return path;
    });
  }

  it('leaves clicks in the spool, and tells of them, until the pacer lets them through', async () => {
    sealed(line);
    const loop = loopWith();
    waitMs = Infinity;
    expect(await loop.turn()).toBeGreaterThan(0);
    expect(batches).toEqual([]);
    expect(loop.progress).toMatchObject({ waitingSegments: 1, waitingSince: time });
    waitMs = 0;
    await loop.turn();
    expect(batches).toHaveLength(1);
    expect(loop.progress.waitingSegments).toBe(0);
  });

  it('ingests what is sealed and deletes it afterwards', async () => {
    const [path] = sealed(line + line);
    const loop = loopWith();
    await loop.turn();
    expect(loop.progress).toMatchObject({ clicks: 2, segments: 1, waitingSegments: 0 });
    expect(existsSync(path!)).toBe(false);
  });

  it('keeps every segment while the database fails, and ingests it when it is back', async () => {
    const [path] = sealed(line);
    const loop = loopWith();
    failWith = () => new Error('connection refused');
    const pauses = [await loop.turn(), await loop.turn(), await loop.turn()];
    expect(pauses.toSorted((a, b) => a - b)).toEqual(pauses);
    expect(loop.progress).toMatchObject({ waitingSegments: 1, lastError: 'connection refused' });
    expect(existsSync(path!)).toBe(true);
    failWith = undefined;
    await loop.turn();
    expect(loop.progress).toMatchObject({ clicks: 1, lastError: undefined });
  });

  it('takes as many segments into a transaction as fit', async () => {
    sealed(line, line, line);
    const loop = loopWith(line.length * 2);
    expect(await loop.turn()).toBe(0);
    await loop.turn();
    expect(batches.map((batch) => batch.length)).toEqual([2, 1]);
  });

  /** Runs until it has nothing more to do. */
  async function untilIdle(loop: IngestionLoop): Promise<void> {
    while ((await loop.turn()) === 0 || loop.progress.waitingSegments > 0);
  }

  /** Refuses every transaction with a click that this says is bad. */
  function refuse(isBad: (click: ClickRecord) => boolean): void {
    refused = isBad;
    failWith = (segments) =>
      segments.some(({ records }) => records.some(isBad))
        ? Object.assign(new Error('invalid value'), { code: '22007' })
        : undefined;
  }
  const badLine = encodeClick({ ...aClick, language: 'bad' });
  const isBad = ({ language }: ClickRecord) => language === 'bad';

  it('keeps aside only the clicks that the database refuses, and stores each of them once when it takes them', async () => {
    sealed(line + badLine + line, line, badLine);
    refuse(isBad);
    const loop = loopWith();
    await untilIdle(loop);
    expect(loop.progress).toMatchObject({
      clicks: 3,
      rejectedSegments: 2,
      refusal: 'invalid value',
    });
    expect(loop.progress).toMatchObject({ refusedAside: 2, lastError: undefined });
    const before = new Set(stored);
    // Told again by the directory after a start, and still refused.
    loop.stop();
    await loop.run();
    const next = loopWith();
    requestReplay(spoolRoot);
    await untilIdle(next);
    expect(next.progress).toMatchObject({ clicks: 0, refusedAside: 2 });
    refuse(() => false);
    requestReplay(spoolRoot);
    await untilIdle(next);
    requestReplay(spoolRoot);
    await untilIdle(next);
    expect(next.progress).toMatchObject({ clicks: 2, refusedAside: 0 });
    // And all of them again, each once, when the database has lost everything.
    stored = new Set();
    sealed(line);
    await untilIdle(next);
    expect(next.progress).toMatchObject({ clicks: 2 + 1 + 5, refusedAside: 0 });
    expect([...before].every((id) => stored.has(id))).toBe(true);
  });

  it.each(['before', 'after'])(
    'neither loses nor doubles one when it is killed %s the commit, and the cause is gone then',
    async (moment) => {
      sealed(line + badLine + line);
      refuse(isBad);
      const killed = loopWith();
      const { sift } = session;
      session.sift = async (segment, withinMs, mark) => {
        if (moment === 'after') await sift(segment, withinMs, mark);
        else await mark(new Map([[1, 'refused']]));
        throw new Error('killed');
      };
      for (let turns = 0; turns < 2; turns += 1) await killed.turn();
      expect(stored.size).toBe(moment === 'after' ? 1 : 0);
      killed.stop();
      await killed.run();
      session.sift = sift;
      refuse(() => false);
      const next = loopWith();
      await untilIdle(next);
      expect(next.progress).toMatchObject({ refusedAside: 1, clicks: moment === 'after' ? 0 : 2 });
      requestReplay(spoolRoot);
      await untilIdle(next);
      // Those that were stored before it was killed add nothing.
      expect(next.progress).toMatchObject({ refusedAside: 0, clicks: moment === 'after' ? 1 : 3 });
      expect(stored.size).toBe(2);
    },
  );

  it('goes on to find out what is refused while nothing else waits', async () => {
    sealed(badLine + badLine + badLine);
    refuse(isBad);
    decidedAtOnce = 1;
    const loop = loopWith();
    for (let turns = 0; turns < 2; turns += 1) await loop.turn();
    expect(loop.progress).toMatchObject({ refusedAside: 3, waitingSegments: 0 });
    sealed(line);
    await loop.turn();
    expect(loop.progress.clicks).toBe(1);
    for (let turns = 0; turns < 20; turns += 1) {
      await loop.turn();
      // Also while some are tried again.
      expect(loop.progress.refusedAside).toBe(3);
    }
    expect(loop.progress).toMatchObject({
      rejectedSegments: 3,
      refusedAside: 3,
      waitingSegments: 0,
    });
    const aside = readdirSync(join(spoolRoot, 'quarantine'));
    expect(aside.map((name) => name.slice(37))).toEqual(['refused', 'refused', 'refused']);
  });

  it('takes back a segment that an earlier version has put aside whole', async () => {
    const id = uuidv7(time);
    mkdirSync(join(spoolRoot, 'quarantine'));
    writeFileSync(join(spoolRoot, 'quarantine', `${id}.rejected`), line + line);
    const loop = loopWith();
    await untilIdle(loop);
    expect(loop.progress).toMatchObject({ clicks: 0, refusedAside: 2 });
    requestReplay(spoolRoot);
    await untilIdle(loop);
    expect(loop.progress).toMatchObject({ clicks: 2, refusedAside: 0 });
    expect([...stored]).toEqual([id]);
  });

  it('does not let a segment hold up the others that fails whatever is done', async () => {
    const [bad] = sealed(line, line, line);
    failWith = (segments) =>
      segments.some(({ path }) => path === bad) ? new Error('out of shared memory') : undefined;
    const loop = loopWith();
    for (let turns = 0; turns < 4; turns += 1) await loop.turn();
    expect(loop.progress).toMatchObject({ clicks: 2, waitingSegments: 1 });
    sealed(line);
    for (let turns = 0; turns < 2; turns += 1) await loop.turn();
    expect(loop.progress).toMatchObject({ clicks: 3, waitingSegments: 1 });
    failWith = undefined;
    await loop.turn();
    expect(loop.progress).toMatchObject({ clicks: 4, waitingSegments: 0 });
  });

  it('goes on with the others when a segment cannot even be read', async () => {
    const [unreadable] = sealed(line, line);
    rmSync(unreadable!);
    mkdirSync(unreadable!);
    const loop = loopWith();
    for (let turns = 0; turns < 3; turns += 1) await loop.turn();
    expect(loop.progress).toMatchObject({ clicks: 1, waitingSegments: 1 });
    await loop.turn();
    expect(loop.progress.lastError).toContain('EISDIR');
  });

  it('tries a refused segment once more on a new connection before it puts it aside', async () => {
    sealed(line);
    refused = () => false;
    let refusals = 1;
    failWith = () =>
      refusals-- > 0
        ? Object.assign(new Error('no partition of relation "clicks" found'), { code: '23514' })
        : undefined;
    const loop = loopWith();
    for (let turns = 0; turns < 2; turns += 1) await loop.turn();
    expect(loop.progress).toMatchObject({ clicks: 1, lastError: undefined });
    expect(existsSync(join(spoolRoot, 'quarantine'))).toBe(false);
  });

  it('knows how far it is behind', async () => {
    const directory = join(spoolRoot, uuidv7());
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, `${uuidv7(Date.now() - 60_000)}.sealed`), line);
    failWith = () => new Error('down');
    const loop = loopWith();
    await loop.turn();
    expect(loop.progress.waitingBytes).toBe(line.length);
    expect(lagMsOf(loop.progress)).toBeGreaterThanOrEqual(60_000);
    failWith = undefined;
    await loop.turn();
    expect(loop.progress).toMatchObject({ waitingBytes: 0, waitingSince: undefined });
  });

  it('tells of a batch before it has ended, and of what was sealed meanwhile when it has', async () => {
    sealed(line, line);
    const loop = loopWith();
    const began = time - 1;
    failWith = () => {
      sealed(line);
      return undefined;
    };
    expect(await loop.turn()).toBe(0);
    expect(reports).toEqual([expect.objectContaining({ waitingSegments: 2, waitingSince: began })]);
    expect(loop.progress).toMatchObject({ clicks: 2, waitingSegments: 1, waitingSince: time });
  });

  it('tidies up only when all that waits is in: it still needs the salts of its days', async () => {
    sealed(line, line);
    const loop = loopWith(line.length);
    await loop.turn();
    expect(tidied).toBe(0);
    await loop.turn();
    expect(tidied).toBe(1);
  });

  it('stores again what a restored database has lost, however it was replaced, and each once', async () => {
    const loop = loopWith();
    const ids: string[] = [];
    for (let batch = 0; batch < 4; batch += 1) {
      sealed(line, line + line);
      await loop.turn();
      if (batch === 1) ids.push(...stored);
    }
    const all = new Set(stored);
    // Its connection has seen nothing of it; the next click shows it.
    stored = new Set(ids);
    sealed(line);
    await untilIdle(loop);
    expect(stored.size).toBe(all.size + 1);
    expect([...all].every((id) => stored.has(id))).toBe(true);
    expect(loop.progress).toMatchObject({ clicks: 12 + 6 + 1, replayedSegments: 4 });
    expect(loop.progress).toMatchObject({ isReplaying: false, waitingSegments: 0 });
    // And once more, after a start, without any click.
    loop.stop();
    await loop.run();
    stored = new Set();
    const next = loopWith();
    await untilIdle(next);
    expect(stored.size).toBe(all.size + 1);
    expect(next.progress.replayedSegments).toBe(9);
  });

  it('goes on with a replay when the database was away meanwhile', async () => {
    const first = loopWith();
    sealed(line, line, line);
    await first.turn();
    first.stop();
    await first.run();
    stored.clear();
    failWith = () => new Error('connection refused');
    const killed = loopWith();
    for (let turns = 0; turns < 3; turns += 1) await killed.turn();
    expect(killed.progress).toMatchObject({ isReplaying: true, waitingSegments: 3 });
    killed.stop();
    await killed.run();
    failWith = undefined;
    const next = loopWith();
    await untilIdle(next);
    expect(stored.size).toBe(3);
    expect(next.progress).toMatchObject({ clicks: 3, isReplaying: false });
  });

  it('offers kept segments again when asked to, and those that are there add nothing', async () => {
    const loop = loopWith();
    sealed(line, line);
    await loop.turn();
    requestReplay(spoolRoot);
    await untilIdle(loop);
    expect(loop.progress).toMatchObject({ clicks: 2, replayedSegments: 0, isReplaying: false });
  });

  it('leaves the spool to the one that holds its lock', async () => {
    sealed(line);
    const [first, second] = [loopWith(), loopWith()];
    await first.turn();
    sealed(line);
    await second.turn();
    // Each gives way to ingestion, whoever does it.
    expect(second.progress).toMatchObject({ isIngester: false, clicks: 0, waitingSince: time });
    await first.turn();
    expect(first.progress.clicks).toBe(2);
  });
});
