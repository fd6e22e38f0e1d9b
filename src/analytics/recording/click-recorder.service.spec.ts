import { Logger } from '@nestjs/common';
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fs, { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Clock } from '../../common/clock.js';
import { HealthRegistry } from '../../platform/observability/health.registry.js';
import { Backpressure } from '../../platform/scheduling/backpressure.js';
import { LoadSensor } from '../../platform/scheduling/load-sensor.js';
import { aClick as click } from './click.fake.js';
import { ClickRecorderService } from './click-recorder.service.js';
import { SpoolWriter } from './spool-writer.js';

let dataDir: string;
beforeAll(() => Logger.overrideLogger(false));
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'signpost-recorder-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/** What is in the segments with this ending, line by line. */
function linesIn(ending: string): string[] {
  const files = readdirSync(join(dataDir, 'spool'), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith(ending))
    .flatMap((file) =>
      readFileSync(join(dataDir, 'spool', file), 'utf8')
        .trimEnd()
        .split('\n'),
    );
}

describe(ClickRecorderService.name, () => {
  let backpressure: Backpressure;
  beforeEach(() => {
    backpressure = new Backpressure(new LoadSensor());
  });

  let health: HealthRegistry;
  const recorderOf = (settings = {}) => {
    health = new HealthRegistry();
    const config = {
      durability: 'process',
      segmentMaxBytes: 1_000_000,
      segmentMaxAgeMs: 60_000,
      ...settings,
    };
    return new ClickRecorderService(
      config as never,
      { dataDir } as never,
      new Clock(),
      backpressure,
      health,
    );
  };

  it.each(['process', 'disk'])(
    'answers after the click is in the file (%s)',
    async (durability) => {
      const recorder = recorderOf({ durability });
      await recorder.onModuleInit();
      const seen = await new Promise<string[]>((done) => {
        recorder.record(click, () => done(linesIn('.open')));
      });
      expect(seen).toHaveLength(1);
      await recorder.close();
      expect(recorder.counts).toEqual({ recorded: 1, lost: 0 });
    },
  );

  it('answers only after the disk has confirmed (disk)', async () => {
    const confirm: ((error: Error | null) => void)[] = [];
    const sync = jest.spyOn(fs, 'fdatasync').mockImplementation((_fd, done) => {
      confirm.push(done);
    });
    const recorder = recorderOf({ durability: 'disk' });
    await recorder.onModuleInit();
    const answered: string[] = [];
    recorder.record(click, () => answered.push('first'));
    while (confirm.length < 1) await sleep(1);
    recorder.record(click, () => answered.push('second'));
    await sleep(20);
    // The second waits for a sync of its own: the first one began before it was written.
    expect([answered, confirm.length]).toEqual([[], 1]);
    confirm[0]!(null);
    while (confirm.length < 2) await sleep(1);
    expect(answered).toEqual(['first']);
    confirm[1]!(new Error('EIO'));
    while (answered.length < 2) await sleep(1);
    expect((await health.reports())['spool']).toMatchObject({
      status: 'down',
      reason: 'Clicks cannot be recorded: EIO',
    });
    sync.mockRestore();
    await recorder.close();
  });

  it('writes all clicks of one turn together, and answers in their order', async () => {
    const recorder = recorderOf();
    await recorder.onModuleInit();
    const answers: number[] = [];
    await new Promise<void>((done) => {
      for (let n = 0; n < 100; n += 1) recorder.record(click, () => answers.push(n));
      recorder.record(click, done);
      expect(answers).toEqual([]);
    });
    expect(answers).toEqual(Array.from({ length: 100 }, (_, n) => n));
    await recorder.close();
    expect(linesIn('.sealed')).toHaveLength(101);
  });

  it('leaves time between commits while clicks are ingested too slowly', async () => {
    const recorder = recorderOf();
    await recorder.onModuleInit();
    backpressure.note({ lagMs: 21_000, maxLagMs: 30_000, isFailing: false });
    /** Milliseconds until its answer begins, which keeps the thread for five. */
    const record = (): Promise<number> => {
      const since = performance.now();
      return new Promise((done) => {
        recorder.record(click, () => {
          const end = performance.now();
          while (performance.now() < end + 5);
          done(end - since);
        });
      });
    };
    await record();
    await record();
    // Twice the five of the second one.
    expect(await record()).toBeGreaterThan(8);
    await recorder.close();
    expect(linesIn('.sealed')).toHaveLength(3);
  });

  it('seals a segment that is full', async () => {
    const recorder = recorderOf({ segmentMaxBytes: 50 });
    await recorder.onModuleInit();
    for (let n = 0; n < 3; n += 1) {
      await new Promise<void>((done) => recorder.record(click, done));
    }
    expect(linesIn('.sealed')).toHaveLength(3);
    await recorder.close();
  });

  it('answers although the disk refuses, counts the loss and says so', async () => {
    writeFileSync(join(dataDir, 'spool'), 'a file where the directory should be');
    const recorder = recorderOf();
    await recorder.onModuleInit();
    await new Promise<void>((done) => recorder.record(click, done));
    expect(recorder.counts).toEqual({ recorded: 0, lost: 1 });
    const { spool } = await health.reports();
    expect(spool).toMatchObject({ status: 'down', lostClicks: 1, affectsReadiness: true });
    await recorder.close();
  });

  it.each(['process', 'disk'])(
    'is ready again when the disk is, without a click to try it with (%s)',
    async (durability) => {
      writeFileSync(join(dataDir, 'spool'), 'a file where the directory should be');
      const recorder = recorderOf({ durability });
      await recorder.onModuleInit();
      expect((await health.reports())['spool']).toMatchObject({ status: 'down' });
      rmSync(join(dataDir, 'spool'));
      for (let tries = 0; tries < 60; tries += 1) {
        await sleep(50);
        if ((await health.reports())['spool']!.status === 'up') break;
      }
      expect((await health.reports())['spool']).toEqual({
        status: 'up',
        lostClicks: 0,
        affectsReadiness: true,
      });
      await new Promise<void>((done) => recorder.record(click, done));
      await recorder.close();
      expect(recorder.counts).toEqual({ recorded: 1, lost: 0 });
      expect(linesIn('.sealed').filter((line) => line !== '')).toHaveLength(1);
    },
  );

  it('answers those who wait when it is closed, and leaves nothing open', async () => {
    const recorder = recorderOf({ durability: 'disk' });
    await recorder.onModuleInit();
    let answered = 0;
    for (let n = 0; n < 10; n += 1) recorder.record(click, () => (answered += 1));
    await recorder.close();
    expect(answered).toBe(10);
    expect([linesIn('.open'), linesIn('.sealed').length]).toEqual([[], 10]);
  });

  it('closes although the disk fails', async () => {
    const recorder = recorderOf();
    await recorder.onModuleInit();
    await new Promise<void>((done) => recorder.record(click, done));
    rmSync(join(dataDir, 'spool'), { recursive: true });
    await recorder.close();
    expect((await health.reports())['spool']).toMatchObject({ status: 'down' });
  });
});

describe(SpoolWriter.name, () => {
  it('leaves no half record in front of the next one when the disk was full', async () => {
    let room = Infinity;
    const full = {
      ...fs,
      writeSync: (fd: number, data: Buffer, offset: number, length: number) => {
        const fits = Math.min(length, room);
        room -= fits;
        if (fits === 0) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
        return fs.writeSync(fd, data, offset, fits);
      },
    };
    const writer = new SpoolWriter(join(dataDir, 'spool'), full as never);
    await writer.prepare();
    writer.append(Buffer.from('first\n'), 1_795_000_000_000);
    room = 3;
    expect(() => writer.append(Buffer.from('second\n'), 1_795_000_000_000)).toThrow('ENOSPC');
    room = Infinity;
    writer.append(Buffer.from('third\n'), 1_795_000_000_000);
    await writer.close();
    expect(linesIn('.sealed')).toEqual(['first', 'third']);
  });
});
