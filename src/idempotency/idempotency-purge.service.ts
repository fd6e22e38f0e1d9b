import { Injectable } from '@nestjs/common';
import { DatabaseService } from '../platform/database/database.service.js';
import { PeriodicPurge } from '../platform/database/periodic-purge.js';
import { IdempotencyKeysRepository } from './idempotency-keys.repository.js';

/** Deletes expired keys, and what was counted of them, now and then, one process at a time. */
@Injectable()
export class IdempotencyPurgeService extends PeriodicPurge {
  constructor(database: DatabaseService, keys: IdempotencyKeysRepository) {
    super(database, 'idempotency keys', async (limit) => {
      const purged = await keys.purgeExpired(limit);
      if (purged < limit) await keys.purgeUsage();
      return purged;
    });
  }
}
