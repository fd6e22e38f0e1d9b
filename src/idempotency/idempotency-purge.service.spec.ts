import { describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DatabaseService } from '../platform/database/database.service.js';
import type { IdempotencyKeysRepository } from './idempotency-keys.repository.js';
import { IdempotencyPurgeService } from './idempotency-purge.service.js';

function purging(batches: number[] | Error): { service: IdempotencyPurgeService; left: number[] } {
  const left = Array.isArray(batches) ? batches : [];
  const keys = {
    purgeExpired: async () => {
      if (batches instanceof Error) throw batches;
      return left.shift() ?? 0;
    },
    purgeUsage: async () => undefined,
  };
  const database = { transaction: <T>(work: () => Promise<T>) => work() };
  const service = new IdempotencyPurgeService(
    database as DatabaseService,
    keys as unknown as IdempotencyKeysRepository,
  );
  return { service, left };
}

describe(IdempotencyPurgeService.name, () => {
  it('works through full batches', async () => {
    const { service, left } = purging([1000, 1000, 3, 1000]);
    await service.purge();
    expect(left).toEqual([1000]);
  });

  it('does it every ten minutes, and no more once the module is destroyed', async () => {
    jest.useFakeTimers();
    try {
      const { service, left } = purging([1, 2, 3]);
      service.onApplicationBootstrap();
      await jest.advanceTimersByTimeAsync(20 * 60 * 1000);
      expect(left).toEqual([3]);
      await service.onModuleDestroy();
      await jest.advanceTimersByTimeAsync(60 * 60 * 1000);
      expect(left).toEqual([3]);
    } finally {
      jest.useRealTimers();
    }
  });

  it('copes with a database that is down', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    await expect(purging(new Error('down')).service.purge()).resolves.toBeUndefined();
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });
});
