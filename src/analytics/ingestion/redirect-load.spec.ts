import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { RedirectLoad } from './redirect-load.js';

describe(RedirectLoad.name, () => {
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
