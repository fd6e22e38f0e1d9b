import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { DatabaseService } from '../platform/database/database.service.js';
import { PeriodicPurge } from '../platform/database/periodic-purge.js';
import { EventsRepository } from './events.repository.js';
import { EVENTS_KEPT_MS } from './events.service.js';

/** Deletes the oldest events of each feed when they are not kept any more, and all of workspaces that have ended. */
@Injectable()
export class EventPurgeService extends PeriodicPurge {
  constructor(database: DatabaseService, events: EventsRepository, clock: Clock) {
    super(database, 'events', async (limit) => {
      const before = new Date(clock.now() - EVENTS_KEPT_MS);
      let purged = 0;
      let more = 0;
      do {
        more = await events.purgeFeed(before, limit - purged);
        purged += more;
      } while (more > 0 && purged < limit);
      return purged;
    });
  }
}
