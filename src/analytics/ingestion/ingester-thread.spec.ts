import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Worker } from 'node:worker_threads';
import { IngesterThread } from './ingester-thread.js';
import type { IngestionProgress } from './ingestion.types.js';

/** Ingests a click when it is told anything, another one when it is told to stop, and ends then. */
const INGESTER = `
  const { parentPort } = require('node:worker_threads');
  let clicks = 0;
  const report = () => parentPort.postMessage({
    clicks, segments: clicks, rejectedSegments: clicks, corruptRecords: clicks, foreignFiles: clicks,
    replayedSegments: clicks,
  });
  parentPort.on('message', (message) => {
    if (message.answers === false) throw new Error('no memory');
    if (message === 'begin') return parentPort.postMessage({ warning: 'mind the salt' });
    clicks += 1;
    report();
    if (message === 'stop') process.exit();
  });
  report();
`;
/** Does not listen. */
const DEAF = `for (;;);`;

describe(IngesterThread.name, () => {
  let code: string;
  let launched: number;
  let reports: IngestionProgress[];
  let onReport: (() => void) | undefined;
  let failures: string[];
  let warnings: string[];
  let thread: IngesterThread;

  beforeEach(() => {
    code = INGESTER;
    [reports, failures, warnings] = [[], [], []];
    launched = 0;
    const launch = (): Worker => {
      launched += 1;
      return new Worker(code, { eval: true });
    };
    thread = new IngesterThread(launch, {
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

  it('is followed by another one when it has failed, which goes on counting', async () => {
    thread.start();
    thread.tell({ answers: true });
    await reported(2);
    thread.tell({ answers: false });
    await reported(3);
    expect(failures).toEqual(['no memory']);
    expect(launched).toBe(2);
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

  it('is ended if it does not listen', async () => {
    code = DEAF;
    thread.start();
    await thread.stop();
    expect(launched).toBe(1);
  });

  it('does not start once it has ended', async () => {
    await thread.stop();
    thread.start();
    expect(launched).toBe(0);
  });
});
