import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { LookupBatcher } from './lookup-batcher.js';
import type { RedirectTarget } from '../links/links.types.js';

/** A database that answers when it is told to. */
class SlowDatabase {
  readonly queries: { codes: string[]; answer: () => void; fail: (error: Error) => void }[] = [];

  findTargets(codes: string[]): Promise<Map<string, RedirectTarget>> {
    return new Promise((settle, fail) => {
      this.queries.push({ codes, answer: () => settle(new Map()), fail });
    });
  }
}

const turn = () => new Promise(setImmediate);

describe(LookupBatcher.name, () => {
  it('asks for all codes of one turn of the event loop together', async () => {
    const database = new SlowDatabase();
    const batcher = new LookupBatcher(database as never);
    const answers = ['a', 'b', 'a'].map((code) => batcher.find(code));
    await turn();
    expect(database.queries.map(({ codes }) => codes)).toEqual([['a', 'b']]);
    database.queries[0]!.answer();
    expect(await Promise.all(answers)).toEqual([null, null, null]);
  });

  it('runs two queries at once and no more, with at most 500 codes each', async () => {
    const database = new SlowDatabase();
    const batcher = new LookupBatcher(database as never);
    const all = Array.from({ length: 1_200 }, (_, n) => batcher.find(`code${n}`));
    await turn();
    expect(database.queries.map(({ codes }) => codes.length)).toEqual([500, 500]);
    database.queries[0]!.answer();
    await turn();
    expect(database.queries.map(({ codes }) => codes.length)).toEqual([500, 500, 200]);
    database.queries.slice(1).forEach((query) => query.answer());
    expect(await Promise.all(all)).toHaveLength(1_200);
  });

  it('lets nobody wait behind a failure', async () => {
    const database = new SlowDatabase();
    const batcher = new LookupBatcher(database as never);
    const outcomes: string[] = [];
    for (let n = 0; n < 1_200; n += 1) {
      batcher.find(`code${n}`).catch((error: Error) => outcomes.push(error.message));
    }
    await turn();
    database.queries.forEach((query) => query.fail(new Error('gone')));
    await turn();
    expect(outcomes).toHaveLength(1_200);
  });

  it('refuses more than it can hold', async () => {
    const batcher = new LookupBatcher(new SlowDatabase() as never);
    for (let n = 0; n < 10_000; n += 1) void batcher.find(`code${n}`);
    await expect(batcher.find('one more')).rejects.toThrow('Too many lookups');
  });

  describe('whatever the number of random codes', () => {
    afterEach(() => {
      jest.useRealTimers();
    });

    it('makes 200 queries a second, and 50 more after a quiet while', async () => {
      jest.useFakeTimers();
      let queries = 0;
      const database = {
        findTargets: async () => {
          queries += 1;
          return new Map<string, RedirectTarget>();
        },
      };
      const batcher = new LookupBatcher(database as never);
      const answers: Promise<unknown>[] = [];
      for (let ms = 0; ms < 2_000; ms += 1) {
        for (let n = 0; n < 20; n += 1) answers.push(batcher.find(`code${ms}-${n}`));
        await jest.advanceTimersByTimeAsync(1);
      }
      await jest.advanceTimersByTimeAsync(1_000);
      expect(new Set(await Promise.all(answers))).toEqual(new Set([null]));
      expect(queries).toBeGreaterThan(400);
      expect(queries).toBeLessThanOrEqual(50 + 2 * 200 + 5);
    });
  });
});
