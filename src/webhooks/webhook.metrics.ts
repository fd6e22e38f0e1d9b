import { Injectable } from '@nestjs/common';
import type { Counter } from 'prom-client';
import { DatabaseStatus } from '../platform/database/database-status.js';
import { MetricsService } from '../platform/observability/metrics.service.js';
import { DeliveriesRepository } from './deliveries.repository.js';

/** How old the answer of the database may be. */
const LOOK_EVERY_MS = 10_000;

/** How webhooks fare. */
@Injectable()
export class WebhookMetrics {
  private readonly attempts: Counter<'outcome'>;
  private lookedAt = 0;
  private ageSeconds = 0;

  constructor(
    metrics: MetricsService,
    private readonly deliveries: DeliveriesRepository,
    private readonly database: DatabaseStatus,
  ) {
    this.attempts = metrics.counter({
      name: 'signpost_webhook_attempts_total',
      help: 'Tries to deliver an event to a webhook.',
      labelNames: ['outcome'],
    });
    const look = () => this.look();
    metrics.gauge({
      name: 'signpost_webhook_age_seconds',
      help: 'How long the delivery to a webhook has waited that is due for longest.',
      aggregator: 'max',
      collect() {
        this.set(look());
      },
    });
  }

  count(isDone: boolean): void {
    this.attempts.inc({ outcome: isDone ? 'succeeded' : 'failed' });
  }

  /** What was seen last: a scrape must not wait for the database. */
  private look(): number {
    const now = Date.now();
    if (now - this.lookedAt >= LOOK_EVERY_MS && this.database.state === 'ready') {
      this.lookedAt = now;
      this.deliveries.ageSeconds().then(
        (age) => {
          this.ageSeconds = age;
        },
        () => undefined,
      );
    }
    return this.ageSeconds;
  }
}
