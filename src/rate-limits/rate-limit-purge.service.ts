import { Injectable } from '@nestjs/common';
import { DatabaseService } from '../platform/database/database.service.js';
import { PeriodicPurge } from '../platform/database/periodic-purge.js';
import { RateLimitsRepository } from './rate-limits.repository.js';

/** Deletes what was counted in windows that are over, now and then, one process at a time. */
@Injectable()
export class RateLimitPurgeService extends PeriodicPurge {
  constructor(database: DatabaseService, limits: RateLimitsRepository) {
    super(database, 'rate limits', (limit) => limits.purgeExpired(limit));
  }
}
