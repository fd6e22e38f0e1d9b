import { Injectable } from '@nestjs/common';
import { DatabaseService } from '../platform/database/database.service.js';
import { PeriodicPurge } from '../platform/database/periodic-purge.js';
import { InvitationsRepository } from './invitations.repository.js';

/** Deletes invitations that nobody has accepted in time. */
@Injectable()
export class InvitationPurgeService extends PeriodicPurge {
  constructor(database: DatabaseService, invitations: InvitationsRepository) {
    super(database, 'invitations', (limit) => invitations.purgeExpired(limit));
  }
}
