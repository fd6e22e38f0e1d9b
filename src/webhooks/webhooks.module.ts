import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../audit/audit.module.js';
import { Clock } from '../common/clock.js';
import { EventsModule } from '../events/events.module.js';
import { WorkspacesModule } from '../workspaces/workspaces.module.js';
import { ClickBatchesRepository } from './click-batches.repository.js';
import { ClickBatchesService } from './click-batches.service.js';
import { DeliveriesController } from './deliveries.controller.js';
import { DeliveriesRepository } from './deliveries.repository.js';
import { DeliveriesService } from './deliveries.service.js';
import { DeliveryPurgeService } from './delivery-purge.service.js';
import { DeliveryWorkerService } from './delivery-worker.service.js';
import { EventsController } from './events.controller.js';
import { WebhookSender } from './webhook-sender.js';
import { WebhookEntity } from './webhook.entity.js';
import { WebhookMetrics } from './webhook.metrics.js';
import { WebhooksController } from './webhooks.controller.js';
import { WebhooksRepository } from './webhooks.repository.js';
import { WebhooksService } from './webhooks.service.js';

/** Tells integrators what happens in their workspaces: by webhooks, or when they ask. */
@Module({
  imports: [TypeOrmModule.forFeature([WebhookEntity]), AuditModule, EventsModule, WorkspacesModule],
  controllers: [WebhooksController, DeliveriesController, EventsController],
  providers: [
    WebhooksService,
    WebhooksRepository,
    DeliveriesService,
    DeliveriesRepository,
    DeliveryWorkerService,
    DeliveryPurgeService,
    ClickBatchesService,
    ClickBatchesRepository,
    WebhookSender,
    WebhookMetrics,
    Clock,
  ],
})
export class WebhooksModule {}
