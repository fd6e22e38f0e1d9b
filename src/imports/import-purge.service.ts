import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { DatabaseService } from '../platform/database/database.service.js';
import { PeriodicPurge } from '../platform/database/periodic-purge.js';
import { ImportsRepository } from './imports.repository.js';

/** How long an import can be looked at when it is over. */
const KEPT_DAYS = 30;
const DAY_MS = 86_400_000;

/** Deletes imports that were removed, or are long over, with their files and reports. */
@Injectable()
export class ImportPurgeService extends PeriodicPurge {
  constructor(database: DatabaseService, imports: ImportsRepository, clock: Clock) {
    super(database, 'imports', (limit) =>
      imports.purge(new Date(clock.now() - KEPT_DAYS * DAY_MS), limit),
    );
  }
}
