import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Worker } from 'node:worker_threads';
import type { Circumstances } from './ingester-priority.js';
import { IngesterThread } from './ingester-thread.js';
import type { IngestionProgress } from './ingestion.types.js';

/** Ingests a click when it is told anything, another one when it is told to stop, and ends then. */
const INGESTER = `
  const { parentPort, workerData } = require('node:worker_threads');
  let clicks = 0;
  const report = () => parentPort.postMessage({
    clicks, segments: clicks, rejectedSegments: clicks, corruptRecords: clicks, foreignFiles: clicks,
    replayedSegments: clicks,
    waitingSince: workerData.waitingSince,
  });
  parentPort.on('message', (message) => {
    if (message.answers === false) throw new Error('no memory');
    if (message === 'begin') return parentPort.postMessage({ warning: 'mind the salt' });
    if (message === 'give way') return parentPort.postMessage({ clicks, hasGivenWay: true });
    clicks += 1;
    report();
    if (message === 'stop') process.exit();
  });
  report();
`;
const BUSY: Circumstances = { load: 0.5, isFailing: false };
/** Does not listen. */
const DEAF = `for (;;);`;

describe(IngesterThread.name, () => {
  let code: string;
  let launched: boolean[];
  let reports: IngestionProgress[];
  let onReport: (() => void) | undefined;
  let failures: string[];
  let warnings: string[];
  let noted: [of: Circumstances, lagMs: number][];
  let priority: { isLow: boolean; note: (of: Circumstances, lagMs: number) => void };
  let thread: IngesterThread;

  beforeEach(() => {
    code = INGESTER;
    [launched, reports, failures, warnings, noted] = [[], [], [], [], []];
    priority = { isLow: true, note: (of, lagMs) => void noted.push([of, lagMs]) };
    const launch = (isLow: boolean): Worker => {
      launched.push(isLow);
      return new Worker(code, { eval: true, workerData: { waitingSince: Date.now() - 60_000 } });
    };
    thread = new IngesterThread(launch, priority, () => BUSY, {
      progressed: (progress) => {
        reports.push(progress);
        onReport?.();
      },
      warned: (message) => {
        warnings.push(message);
        onReport?.();
      },
      failed: ({ message }) => void failures.push(message),
    });
  });
  afterEach(() => thread.stop());

  /** Goes on before anything else happens: the thread has not even heard the answer. */
  async function reported(times: number): Promise<void> {
    while (reports.length < times) await new Promise<void>((done) => (onReport = done));
  }
  const counts = () =>
    reports.map(({ clicks, segments, corruptRecords, foreignFiles }) => {
      expect([segments, corruptRecords, foreignFiles]).toEqual([clicks, clicks, clicks]);
      return clicks;
    });

  /** Until the first thread, which has ingested a click, has been told that it is replaced. */
  async function replacing(): Promise<void> {
    thread.start();
    await reported(1);
    priority.isLow = false;
    thread.tell({ answers: true });
    await reported(2);
  }

  it('stays the same while the priority is right', async () => {
    thread.start();
    await reported(1);
    thread.tell({ answers: true });
    await reported(2);
    expect(launched).toEqual([true]);
    expect(noted.map(([of]) => of)).toEqual([BUSY, BUSY]);
    for (const [, lagMs] of noted) expect(lagMs).toBeGreaterThanOrEqual(60_000);
  });

  it('is replaced for a normal priority, which is no failure, and goes on counting', async () => {
    await replacing();
    await reported(4);
    thread.tell({ answers: true });
    await reported(5);
    expect(launched).toEqual([true, false]);
    expect(counts()).toEqual([0, 1, 2, 2, 3]);
    expect(failures).toEqual([]);
  });

  it('is told once to give way, and stays the same, when it is to have a low priority', async () => {
    priority.isLow = false;
    thread.start();
    await reported(1);
    priority.isLow = true;
    thread.tell({ answers: true });
    await reported(3);
    thread.tell({ answers: true });
    await reported(4);
    expect(reports.map((report) => 'hasGivenWay' in report)).toEqual([false, false, true, false]);
    expect(launched).toEqual([false]);
  });

  it('is told to give way in the middle of a batch', async () => {
    priority.isLow = false;
    thread.start();
    await reported(1);
    priority.isLow = true;
    await reported(2);
    expect(reports[1]).toMatchObject({ hasGivenWay: true });
  });

  it('is followed by another one when it has failed, which goes on counting', async () => {
    thread.start();
    thread.tell({ answers: true });
    await reported(2);
    thread.tell({ answers: false });
    await reported(3);
    expect(failures).toEqual(['no memory']);
    expect(launched).toEqual([true, true]);
    expect(counts()).toEqual([0, 1, 1]);
  });

  it('passes on what it warns of, which counts nothing', async () => {
    thread.start();
    await reported(1);
    thread.tell('begin');
    while (warnings.length < 1) await new Promise<void>((done) => (onReport = done));
    expect(warnings).toEqual(['mind the salt']);
    expect(counts()).toEqual([0]);
  });

  it('is not replaced any more when it is the last', async () => {
    thread.start();
    await reported(1);
    void thread.last();
    priority.isLow = false;
    thread.tell({ answers: true });
    await reported(2);
    await thread.stop();
    expect(launched).toEqual([true]);
  });

  it('leaves the last turn to its successor when it is being replaced', async () => {
    await replacing();
    let hasEnded = false;
    void thread.last().then(() => (hasEnded = true));
    await reported(4);
    expect([launched, hasEnded]).toEqual([[true, false], false]);
    await thread.stop();
    expect(counts()).toEqual([0, 1, 2, 2, 3]);
  });

  it('has no successor when it is stopped while it is being replaced', async () => {
    await replacing();
    await thread.stop();
    expect(launched).toEqual([true]);
  });

  it('is ended if it does not listen', async () => {
    code = DEAF;
    thread.start();
    await thread.stop();
    expect(launched).toEqual([true]);
  });

  it('does not start once it has ended', async () => {
    await thread.stop();
    thread.start();
    expect(launched).toEqual([]);
  });
});
