import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { RedirectLoad } from './redirect-load.js';

describe(RedirectLoad.name, () => {
  it('takes a quiet moment for what it is', () => {
    const load = new RedirectLoad();
    for (let sample = 0; sample < 10; sample += 1) load.note(0.9);
    load.note(0);
    expect(load.current).toBeGreaterThan(0.8);
    for (let sample = 0; sample < 20; sample += 1) load.note(0);
    expect(load.current).toBeLessThan(0.4);
  });

  it('tells another thread how busy this one is, and that it has stopped', async () => {
    const load = new RedirectLoad();
    const elsewhere = new RedirectLoad(load.memory);
    load.start();
    for (const until = Date.now() + 400; Date.now() < until;) {
      for (const busy = Date.now() + 60; Date.now() < busy;);
      await sleep(0);
    }
    expect(elsewhere.current).toBeGreaterThan(0.5);
    load.stop();
    expect(elsewhere.current).toBe(0);
  });
});
