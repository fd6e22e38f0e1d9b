import { Injectable } from '@nestjs/common';
import type { Counter } from 'prom-client';
import { DatabaseStatus } from '../platform/database/database-status.js';
import { MetricsService } from '../platform/observability/metrics.service.js';
import { DeliveriesRepository } from './deliveries.repository.js';

/** How old a look at the backlog may be. */
const LOOK_EVERY_MS = 10_000;

/** How webhooks fare. */
@Injectable()
export class WebhookMetrics {
  private readonly attempts: Counter<'outcome'>;
  private lookedAt = 0;
  private backlog = { waiting: 0, ageSeconds: 0 };

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
      name: 'signpost_webhook_deliveries_due',
      help: 'Deliveries to webhooks that wait although they are due.',
      aggregator: 'max',
      collect() {
        this.set(look().waiting);
      },
    });
    metrics.gauge({
      name: 'signpost_webhook_delivery_age_seconds',
      help: 'How long the first of them has waited.',
      aggregator: 'max',
      collect() {
        this.set(look().ageSeconds);
      },
    });
  }

  count(isDone: boolean): void {
    this.attempts.inc({ outcome: isDone ? 'succeeded' : 'failed' });
  }

  /** What was seen last: a scrape must not wait for the database. */
  private look(): { waiting: number; ageSeconds: number } {
    const now = Date.now();
    if (now - this.lookedAt >= LOOK_EVERY_MS && this.database.state === 'ready') {
      this.lookedAt = now;
      this.deliveries.backlog().then(
        (backlog) => {
          this.backlog = backlog;
        },
        () => undefined,
      );
    }
    return this.backlog;
  }
}
