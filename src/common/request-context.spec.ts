import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { currentRequest, enterRequest, withScope } from './request-context.js';

/** A request as the server runs it. */
async function request<T>(requestId: string, work: () => Promise<T>): Promise<T> {
  let result: Promise<T> | undefined;
  const leave = enterRequest({ requestId }, () => {
    result = work();
  });
  return result!.finally(leave);
}

describe('The scope of a request', () => {
  it('is seen by everything that the request starts, and by nothing else', async () => {
    const seen = await Promise.all(
      ['a', 'b', 'c'].map((requestId, n) =>
        request(requestId, async () => {
          await sleep(10 - n);
          return [requestId, currentRequest()?.requestId];
        }),
      ),
    );
    expect(seen).toEqual([
      ['a', 'a'],
      ['b', 'b'],
      ['c', 'c'],
    ]);
    expect(currentRequest()).toBeUndefined();
  });

  it('can be changed for a part of the work, and is what it was afterwards', async () => {
    await withScope({ requestId: 'a' }, async () => {
      await withScope({ transaction: 1 }, async () => {
        await sleep(1);
        expect(currentRequest()).toEqual({ requestId: 'a', transaction: 1 });
      });
      expect(currentRequest()).toEqual({ requestId: 'a' });
    });
    expect(currentRequest()).toBeUndefined();
  });

  it('ends with work that fails, at once or later', async () => {
    const later = withScope({ requestId: 'a' }, () => Promise.reject(new Error('later')));
    await expect(later).rejects.toThrow('later');
    const atOnce = withScope({ requestId: 'a' }, () => {
      throw new Error('at once');
    });
    await expect(atOnce).rejects.toThrow('at once');
    expect(currentRequest()).toBeUndefined();
  });

  it('stays while others end', async () => {
    const kept = request('kept', async () => {
      await sleep(20);
      return currentRequest();
    });
    for (let n = 0; n < 5; n += 1) {
      const end = enterRequest({ requestId: `${n}` }, () => undefined);
      end();
      end();
    }
    expect(await kept).toEqual({ requestId: 'kept' });
  });
});
