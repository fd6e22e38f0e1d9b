import { describe, expect, it } from '@jest/globals';
import { KeyGate } from './key-gate.js';

describe('KeyGate', () => {
  it('lets one at a time through, in turn', async () => {
    const gate = new KeyGate();
    let inside = 0;
    let most = 0;
    const visit = async () => {
      const leave = await gate.enter('k', 1000);
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 2));
      inside -= 1;
      leave!();
    };
    await Promise.all(Array.from({ length: 20 }, visit));
    expect(most).toBe(1);
  });

  it('does not make one key wait for another', async () => {
    const gate = new KeyGate();
    await gate.enter('a', 0);
    expect(await gate.enter('b', 0)).toBeDefined();
  });

  it('gives up when the patience runs out', async () => {
    const gate = new KeyGate();
    const leave = await gate.enter('k', 0);
    expect(await gate.enter('k', 20)).toBeUndefined();
    leave!();
    expect(await gate.enter('k', 0)).toBeDefined();
  });
});
