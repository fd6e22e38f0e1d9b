import { Injectable } from '@nestjs/common';
import { MetricsService } from '../platform/observability/metrics.service.js';
import { HealthService } from './health.service.js';

/** What the readiness probe says, for those who only see the metrics. */
@Injectable()
export class HealthMetrics {
  constructor(metrics: MetricsService, health: HealthService) {
    metrics.gauge({
      name: 'signpost_ready',
      help: 'Processes whose readiness probe succeeds.',
      async collect() {
        const isReady = await health.ready(false).then(
          () => true,
          () => false,
        );
        this.set(Number(isReady));
      },
    });
  }
}
