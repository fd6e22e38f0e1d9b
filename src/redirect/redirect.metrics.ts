import { Injectable } from '@nestjs/common';
import type { Histogram } from 'prom-client';
import { LinkResolverService } from './link-resolver.service.js';
import { MetricsService } from '../platform/observability/metrics.service.js';
import { LoadSensor } from '../platform/scheduling/load-sensor.js';
import type { Refusal } from './redirect.types.js';

type Outcome = 'redirect' | Refusal;

/** What happens to short links; no label ever holds a code. */
@Injectable()
export class RedirectMetrics {
  /** Plain numbers, handed over when they are asked for: a labelled counter costs a hash of its labels. */
  private readonly outcomes: Record<Outcome, number> = {
    redirect: 0,
    not_found: 0,
    no_path: 0,
    gone: 0,
    switched_off: 0,
    disabled: 0,
    blocked: 0,
    locked: 0,
    limited: 0,
    unavailable: 0,
  };
  private readonly seconds: Histogram<never>;

  constructor(metrics: MetricsService, resolver: LinkResolverService, sensor: LoadSensor) {
    const { outcomes } = this;
    sensor.countUrgentBy(() => outcomes.redirect);
    metrics.counter({
      name: 'signpost_redirects_total',
      help: 'Requests of short links by what they were answered.',
      labelNames: ['outcome'],
      collect() {
        this.reset();
        for (const [outcome, count] of Object.entries(outcomes)) this.inc({ outcome }, count);
      },
    });
    this.seconds = metrics.histogram({
      name: 'signpost_redirect_duration_seconds',
      help: 'Time from the arrival of a short link request to its answer, recording included.',
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
    });
    metrics.counter({
      name: 'signpost_link_lookups_total',
      help: 'Lookups of short codes: from the cache, from the database, stale, or failed.',
      labelNames: ['result'],
      collect() {
        this.reset();
        for (const [result, count] of Object.entries(resolver.counts)) this.inc({ result }, count);
      },
    });
    metrics.counter({
      name: 'signpost_link_lookup_queries_total',
      help: 'Queries of the database for short codes; each looks up as many as are waiting.',
      collect() {
        this.reset();
        this.inc(resolver.queryCount);
      },
    });
    metrics.gauge({
      name: 'signpost_cached_links',
      help: 'Links in memory.',
      collect() {
        this.set(resolver.size);
      },
    });
  }

  count(outcome: Outcome, startedAt: number): void {
    this.outcomes[outcome] += 1;
    this.seconds.observe((performance.now() - startedAt) / 1000);
  }
}
