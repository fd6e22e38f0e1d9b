import { Injectable } from '@nestjs/common';
import { AuditConfig } from '../../config/audit.config.js';
import { Clock } from '../common/clock.js';
import { DatabaseService } from '../platform/database/database.service.js';
import { PeriodicPurge } from '../platform/database/periodic-purge.js';
import { AuditEventsRepository } from './audit-events.repository.js';

const DAY_MS = 86_400_000;

/** Deletes the oldest events of each chain when they are older than AUDIT_RETENTION_DAYS. */
@Injectable()
export class AuditPurgeService extends PeriodicPurge {
  constructor(
    database: DatabaseService,
    events: AuditEventsRepository,
    { retentionDays }: AuditConfig,
    clock: Clock,
  ) {
    super(database, 'audit events', async (limit) => {
      if (retentionDays === 0) return 0;
      const before = new Date(clock.now() - retentionDays * DAY_MS);
      let purged = 0;
      let more = 0;
      do {
        more = await events.purgeChain(before, limit - purged);
        purged += more;
      } while (more > 0 && purged < limit);
      return purged;
    });
  }
}
