import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { EVENTS_KEPT_MS } from '../events/events.service.js';
import { DatabaseService } from '../platform/database/database.service.js';
import { PeriodicPurge } from '../platform/database/periodic-purge.js';
import { DeliveriesRepository } from './deliveries.repository.js';

/** Deletes what is known of deliveries when their events are not kept any more, or their webhook is gone. */
@Injectable()
export class DeliveryPurgeService extends PeriodicPurge {
  constructor(database: DatabaseService, deliveries: DeliveriesRepository, clock: Clock) {
    super(database, 'deliveries of webhooks', async (limit) => {
      const orphans = await deliveries.purgeOrphans(limit);
      const before = new Date(clock.now() - EVENTS_KEPT_MS);
      return orphans + (await deliveries.purge(before, limit - orphans));
    });
  }
}
