import { Injectable } from '@nestjs/common';
import { DatabaseService } from '../database/database.service.js';
import { PeriodicPurge } from '../database/periodic-purge.js';
import { IdempotencyKeysRepository } from './idempotency-keys.repository.js';

/** Deletes expired keys now and then, one process at a time. */
@Injectable()
export class IdempotencyPurgeService extends PeriodicPurge {
  constructor(database: DatabaseService, keys: IdempotencyKeysRepository) {
    super(database, 'idempotency keys', (limit) => keys.purgeExpired(limit));
  }
}
