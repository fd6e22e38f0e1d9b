import { describe, expect, it } from '@jest/globals';
import { KeyedMutex } from './keyed-mutex.js';

describe('KeyedMutex', () => {
  it('lets one at a time through, in turn', async () => {
    const mutex = new KeyedMutex();
    let inside = 0;
    let most = 0;
    const visit = async () => {
      const release = await mutex.acquire('k', 1000);
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 2));
      inside -= 1;
      release!();
    };
    await Promise.all(Array.from({ length: 20 }, visit));
    expect(most).toBe(1);
  });

  it('does not make one key wait for another', async () => {
    const mutex = new KeyedMutex();
    await mutex.acquire('a', 0);
    expect(await mutex.acquire('b', 0)).toBeDefined();
  });

  it('gives up when the patience runs out', async () => {
    const mutex = new KeyedMutex();
    const release = await mutex.acquire('k', 0);
    expect(await mutex.acquire('k', 20)).toBeUndefined();
    release!();
    expect(await mutex.acquire('k', 0)).toBeDefined();
  });
});
