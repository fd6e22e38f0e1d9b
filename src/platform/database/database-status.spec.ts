import { describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { DatabaseStatus } from './database-status.js';

describe(DatabaseStatus.name, () => {
  const statusOf = (query: () => Promise<unknown>) =>
    new DatabaseStatus({ isInitialized: true, query } as unknown as DataSource);

  it('keeps why the last ping was refused', async () => {
    const answers = [
      () => Promise.reject(new Error('sorry, too many clients already')),
      // Several addresses were tried.
      () => Promise.reject(new AggregateError([new Error('connect ECONNREFUSED 127.0.0.1:1')])),
      () => Promise.resolve([]),
    ];
    const status = statusOf(() => answers.shift()!());
    expect(await status.ping(1_000)).toBe(false);
    expect(status.lastRefusal).toBe('sorry, too many clients already');
    expect(await status.ping(1_000)).toBe(false);
    expect(status.lastRefusal).toBe('connect ECONNREFUSED 127.0.0.1:1');
    expect(await status.ping(1_000)).toBe(true);
    expect(status.lastRefusal).toBeUndefined();
  });

  it('takes no answer in time for none, whatever comes later', async () => {
    let refuse: (error: Error) => void;
    const status = statusOf(() => new Promise((_, reject) => (refuse = reject)));
    expect(await status.ping(10)).toBe(false);
    refuse!(new Error('too late'));
    await Promise.resolve();
    expect(status.lastRefusal).toBeUndefined();
  });
});
