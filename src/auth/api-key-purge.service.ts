import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { DatabaseService } from '../platform/database/database.service.js';
import { PeriodicPurge } from '../platform/database/periodic-purge.js';
import { ApiKeysRepository } from './api-keys.repository.js';

/** So long whoever wonders why a service is refused finds its key in the list. */
const LISTED_MS = 30 * 24 * 60 * 60 * 1000;

/** Deletes API keys that expired thirty days ago. */
@Injectable()
export class ApiKeyPurgeService extends PeriodicPurge {
  constructor(database: DatabaseService, keys: ApiKeysRepository, clock: Clock) {
    super(database, 'API keys', (limit) =>
      keys.purgeExpired(new Date(clock.now() - LISTED_MS), limit),
    );
  }
}
