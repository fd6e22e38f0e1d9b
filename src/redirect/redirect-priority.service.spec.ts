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
  const request = (name: string) => priority.admit(() => void begun.push(name));

  it('lets requests of the API begin at once while redirects leave time', () => {
    request('first');
    priority.judge(0.5, 1_000);
    request('second');
    expect(begun).toEqual(['first', 'second']);
  });

  it('lets them begin one after the other, in order, while redirects need it', () => {
    priority.judge(0.95, 1_000);
    for (const name of ['a', 'b', 'c']) request(name);
    expect(begun).toEqual([]);
    priority.judge(0.95, 1_000);
    expect(begun).toEqual(['a']);
    priority.judge(0.5, 1_000);
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  it('lets nobody wait for an event loop that the API itself keeps busy', () => {
    priority.judge(1, 3);
    request('a');
    expect(begun).toEqual(['a']);
  });

  it('lets everybody go who waits when the process stops', () => {
    priority.judge(0.95, 1_000);
    request('a');
    priority.onModuleDestroy();
    request('b');
    expect(begun).toEqual(['a', 'b']);
  });
});
