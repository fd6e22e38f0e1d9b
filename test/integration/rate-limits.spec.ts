import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import type { DatabaseConnection } from '../../src/platform/database/connection.js';
import { DatabaseService } from '../../src/platform/database/database.service.js';
import { RateLimitEntity } from '../../src/rate-limits/rate-limit.entity.js';
import { RateLimitPurgeService } from '../../src/rate-limits/rate-limit-purge.service.js';
import { RateLimitsRepository } from '../../src/rate-limits/rate-limits.repository.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

describe(RateLimitPurgeService.name, () => {
  let testDatabase: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    testDatabase = await createDatabase();
    const { url } = testDatabase;
    dataSource = new DataSource({ type: 'postgres', url, entities: [RateLimitEntity] });
    await dataSource.initialize();
  });
  afterAll(async () => {
    await dataSource.destroy();
    await testDatabase.drop();
  });

  it('deletes what was counted in windows that are over, however much, and nothing else', async () => {
    await dataSource.query(
      `INSERT INTO rate_limits (key, points, expire)
       SELECT 'api:' || n, 1, (extract(epoch FROM now()) + CASE WHEN n <= 5 THEN 60 ELSE -120 END) * 1000
       FROM generate_series(1, 2505) AS n`,
    );
    const database = new DatabaseService(dataSource);
    const connection = { watch: () => undefined } as unknown as DatabaseConnection;
    const limits = new RateLimitsRepository(database, connection);
    await new RateLimitPurgeService(database, limits).purge();
    expect(await dataSource.getRepository(RateLimitEntity).count()).toBe(5);
  });
});
