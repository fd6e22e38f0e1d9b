import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { Clock } from '../common/clock.js';
import { decodeCursor, type Page, pageOf } from '../common/cursor.js';
import { uuidv7 } from '../common/uuid.js';
import { DatabaseService } from '../platform/database/database.service.js';
import { DeliveriesRepository } from './deliveries.repository.js';
import { DeliveryWorkerService } from './delivery-worker.service.js';
import { deliveryNotFound, rangeIsEmpty, webhookDisabled } from './webhooks.problems.js';
import { WebhooksService } from './webhooks.service.js';
import type { Delivery, DeliveryStatus, Webhook } from './webhooks.types.js';

/** What became of events for webhooks, and how to have them delivered again. */
@Injectable()
export class DeliveriesService {
  constructor(
    private readonly deliveries: DeliveriesRepository,
    private readonly webhooks: WebhooksService,
    private readonly worker: DeliveryWorkerService,
    private readonly database: DatabaseService,
    private readonly clock: Clock,
  ) {}

  /** The newest event first. @throws ProblemError not-found, invalid-request (cursor) */
  async list(
    workspaceId: string,
    id: string,
    { limit, cursor, status }: { limit: number; cursor?: string; status?: DeliveryStatus },
  ): Promise<Page<Delivery>> {
    const beforeId = cursor === undefined ? undefined : decodeCursor(cursor);
    const webhook = await this.webhooks.get(workspaceId, id);
    // One more than asked for tells whether there is a next page.
    const found = await this.deliveries.findPage(webhook.id, limit + 1, { beforeId, status });
    return pageOf(found, limit, ({ eventId }) => eventId);
  }

  /** @throws ProblemError not-found */
  async get(workspaceId: string, id: string, eventId: string): Promise<Delivery> {
    const webhook = await this.webhooks.get(workspaceId, id);
    return this.find(webhook, eventId);
  }

  /** Sends an event that nothing has happened for. @throws ProblemError not-found, webhook-disabled */
  async test(workspaceId: string, id: string): Promise<Delivery> {
    const webhook = await this.enabled(workspaceId, id);
    const eventId = uuidv7(this.clock.now());
    await this.database.transaction(async () => {
      await this.deliveries.addTest(webhook.id, eventId);
      await this.webhooks.record('tested', webhook);
    });
    this.worker.wake();
    return this.find(webhook, eventId);
  }

  /** Delivers an event again, whatever became of it. @throws ProblemError not-found, webhook-disabled */
  async retry(workspaceId: string, id: string, eventId: string): Promise<Delivery> {
    const webhook = await this.enabled(workspaceId, id);
    const delivery = await this.find(webhook, eventId);
    await this.database.transaction(async () => {
      await this.deliveries.retry(webhook.id, delivery.eventId);
      await this.webhooks.record('delivery-retried', webhook);
    });
    this.worker.wake();
    return this.find(webhook, eventId);
  }

  /**
   * Delivers again all events of that time that the webhook is told of, also those that it has not been told.
   * @returns how many
   * @throws ProblemError not-found, webhook-disabled, invalid-request
   */
  async replay(
    workspaceId: string,
    id: string,
    { from, until = new Date(this.clock.now()) }: { from: Date; until?: Date },
  ): Promise<number> {
    if (until <= from) throw rangeIsEmpty();
    const webhook = await this.enabled(workspaceId, id);
    const events = await this.deliveries.replay(webhook.id, { from, until });
    await this.webhooks.record('replayed', webhook, {
      from: { from: null, to: from },
      until: { from: null, to: until },
    });
    this.worker.wake();
    return events;
  }

  private async enabled(workspaceId: string, id: string): Promise<Webhook> {
    const webhook = await this.webhooks.get(workspaceId, id);
    if (webhook.disabledAt) throw webhookDisabled();
    return webhook;
  }

  private async find({ id }: Webhook, eventId: string): Promise<Delivery> {
    const delivery = isUUID(eventId) ? await this.deliveries.find(id, eventId) : undefined;
    if (!delivery) throw deliveryNotFound();
    return delivery;
  }
}
