import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RedirectMetrics } from './redirect.metrics.js';
import { RedirectPriorityService } from './redirect-priority.service.js';

describe(RedirectPriorityService.name, () => {
  let priority: RedirectPriorityService;
  let begun: string[];

  beforeEach(() => {
    priority = new RedirectPriorityService({ redirects: 0 } as RedirectMetrics);
    begun = [];
  });
  const request = (name: string, isGone = () => false) =>
    priority.admit(() => void begun.push(name), isGone);

  it.each([
    ['few redirects', 0.75, 249, true],
    ['few redirects in a busy event loop', 0.76, 249, false],
    ['many redirects', 0.3, 250, true],
    ['many redirects that have to wait for others', 0.31, 250, false],
    ['an event loop that the API itself keeps busy', 1, 24, true],
  ])(
    'with %s, lets requests of the API begin at once: %s, %s, %s',
    (_, load, redirects, atOnce) => {
      request('first');
      priority.judge(load, redirects);
      request('second');
      expect(begun).toEqual(atOnce ? ['first', 'second'] : ['first']);
    },
  );

  it('lets them begin one after the other, in order, while redirects need it', () => {
    priority.judge(0.95, 1_000);
    for (const name of ['a', 'b', 'c']) request(name);
    expect(begun).toEqual([]);
    priority.judge(0.95, 1_000);
    expect(begun).toEqual(['a']);
    priority.halfway();
    expect(begun).toEqual(['a']);
    priority.judge(0.95, 1_000);
    expect(begun).toEqual(['a', 'b']);
  });

  it('lets those who have waited begin twice as often when redirects are less busy', async () => {
    priority.judge(0.95, 1_000);
    for (const name of ['a', 'b', 'c', 'd', 'e']) request(name);
    priority.judge(0.3, 1_000);
    expect(begun).toEqual(['a']);
    priority.halfway();
    expect(begun).toEqual(['a', 'b']);
    priority.judge(0.3, 24);
    await turn();
    expect(begun).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('lets only some begin in each turn of the event loop, however many there are', async () => {
    for (let count = 0; count < 20; count += 1) request('a');
    expect(begun).toHaveLength(8);
    await turn();
    expect(begun).toHaveLength(16);
    request('b');
    expect(begun).toHaveLength(16);
    await turn();
    expect(begun).toHaveLength(21);
    expect(begun.at(-1)).toBe('b');
  });

  it('forgets those whose clients have left', () => {
    priority.judge(0.95, 1_000);
    let hasLeft = false;
    request('a', () => hasLeft);
    request('b');
    hasLeft = true;
    priority.judge(0.95, 1_000);
    expect(begun).toEqual(['b']);
  });

  it('lets everybody go who waits when the process stops', () => {
    priority.judge(0.95, 1_000);
    request('a');
    priority.onModuleDestroy();
    request('b');
    expect(begun).toEqual(['a', 'b']);
  });
});
