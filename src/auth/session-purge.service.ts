import { Injectable } from '@nestjs/common';
import { DatabaseService } from '../platform/database/database.service.js';
import { PeriodicPurge } from '../platform/database/periodic-purge.js';
import { SessionsRepository } from './sessions.repository.js';

/**
 * Deletes expired sessions and refresh tokens now and then, also those of users who never come
 * back; one process at a time.
 */
@Injectable()
export class SessionPurgeService extends PeriodicPurge {
  constructor(database: DatabaseService, sessions: SessionsRepository) {
    super(database, 'sessions', (limit) => sessions.purgeExpired(limit));
  }
}
