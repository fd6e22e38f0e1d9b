import { describe, expect, it } from '@jest/globals';
import { Slots } from './slots.js';

describe('Slots', () => {
  it('lets no more through than there are slots, in turn', async () => {
    const slots = new Slots(2);
    const order: number[] = [];
    let inside = 0;
    let most = 0;
    const visit = async (_: unknown, visitor: number) => {
      const giveBack = await slots.take(1000);
      order.push(visitor);
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 2));
      inside -= 1;
      giveBack!();
    };
    await Promise.all(Array.from({ length: 9 }, visit));
    expect(most).toBe(2);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('gives up when the patience runs out, and loses no slot by it', async () => {
    const slots = new Slots(1);
    const giveBack = await slots.take(0);
    expect(await slots.take(10)).toBeUndefined();
    giveBack!();
    expect(await slots.take(0)).toBeDefined();
  });
});
