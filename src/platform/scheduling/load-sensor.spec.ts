import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { AverageLoad } from './average-load.js';
import { type Load, LoadSensor } from './load-sensor.js';

describe(AverageLoad.name, () => {
  const loadOf = (utilization: number): AverageLoad => {
    const load = new AverageLoad();
    for (let sample = 0; sample < 20; sample += 1) load.note(utilization);
    return load;
  };

  it('takes a quiet moment for what it is', () => {
    const load = loadOf(0.9);
    load.note(0);
    expect(load.current).toBeGreaterThan(0.8);
    for (let sample = 0; sample < 20; sample += 1) load.note(0);
    expect(load.current).toBeLessThan(0.4);
  });

  it.each([
    ['lets clicks through while redirects are quiet', 0.5, 0, true],
    ['holds clicks back while redirects are busy', 0.95, 4_999, false],
    ['holds nothing back that would wait for too long', 1, 5_000, true],
  ])('%s', (_, utilization, lagMs, allowed) => {
    expect(loadOf(utilization).allows(lagMs, 15_000)).toBe(allowed);
  });
});

describe(LoadSensor.name, () => {
  it('tells every sample, and other threads the average, until it stops', async () => {
    const sensor = new LoadSensor();
    const samples: Load[] = [];
    let redirects = 100;
    sensor.countUrgentBy(() => redirects);
    sensor.onSample((load) => void samples.push(load));
    const elsewhere = new AverageLoad(sensor.average.memory);
    sensor.onApplicationBootstrap();
    while (samples.length < 6) {
      for (const busy = Date.now() + 60; Date.now() < busy;);
      redirects += 10;
      await sleep(0);
    }
    expect(elsewhere.current).toBeGreaterThan(0.5);
    expect(samples.at(-1)!.utilization).toBeGreaterThan(0.5);
    expect(samples.reduce((sum, { urgent }) => sum + urgent, 0)).toBe(redirects - 100);
    sensor.stop();
    expect(elsewhere.current).toBe(0);
    const { length } = samples;
    await sleep(120);
    expect(samples).toHaveLength(length);
  });
});
