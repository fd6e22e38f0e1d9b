import { describe, expect, it } from '@jest/globals';
import { Turns } from './turns.js';

describe(Turns.name, () => {
  it('lets others have their turn each time the share is done', async () => {
    const turns = new Turns(10);
    const log: string[] = [];
    let others = setImmediate(() => log.push('other'));
    for (let n = 1; n <= 4; n += 1) {
      await turns.after(5);
      log.push(`part ${n}`);
      if (n === 2) others = setImmediate(() => log.push('other'));
    }
    clearImmediate(others);
    expect(log).toEqual(['part 1', 'other', 'part 2', 'part 3', 'other', 'part 4']);
  });
});
