import { Module } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { EventPurgeService } from './event-purge.service.js';
import { EventsRepository } from './events.repository.js';
import { EventsService } from './events.service.js';

/** What has happened, for integrators. Features call it, and it calls none. */
@Module({
  providers: [EventsService, EventsRepository, EventPurgeService, Clock],
  exports: [EventsService],
})
export class EventsModule {}
