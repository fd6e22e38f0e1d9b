import { describe, expect, it } from '@jest/globals';
import { Semaphore } from './semaphore.js';

describe('Semaphore', () => {
  it('lets no more through than it has places, in turn', async () => {
    const semaphore = new Semaphore(2);
    const order: number[] = [];
    let inside = 0;
    let most = 0;
    const visit = async (_: unknown, visitor: number) => {
      const release = await semaphore.acquire(1000);
      order.push(visitor);
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 2));
      inside -= 1;
      release!();
    };
    await Promise.all(Array.from({ length: 9 }, visit));
    expect(most).toBe(2);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('gives up when the patience runs out, and loses no slot by it', async () => {
    const semaphore = new Semaphore(1);
    const release = await semaphore.acquire(0);
    expect(await semaphore.acquire(10)).toBeUndefined();
    release!();
    expect(await semaphore.acquire(0)).toBeDefined();
  });
});
