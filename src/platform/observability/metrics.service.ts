import cluster from 'node:cluster';
import { Injectable } from '@nestjs/common';
import {
  collectDefaultMetrics,
  Counter,
  type CounterConfiguration,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
  Registry,
} from 'prom-client';
import { MetricsExchange } from './metrics.exchange.js';

/**
 * The metrics of the service: of this process or, if it is one of several workers, of all of them.
 * Features make their own here, once, when they are constructed.
 */
@Injectable()
export class MetricsService {
  private readonly registry = new Registry();
  readonly contentType = this.registry.contentType;

  private readonly exchange = cluster.isWorker ? new MetricsExchange(this.registry) : undefined;

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    this.gauge({ name: 'signpost_processes', help: 'Processes that serve.' }).set(1);
  }

  counter<T extends string>(options: CounterConfiguration<T>): Counter<T> {
    return new Counter({ ...options, registers: [this.registry] });
  }

  /**
   * Give `collect` to compute the value when it is asked for, and `aggregator` if the values of
   * several workers are not to be summed.
   */
  gauge<T extends string>(options: GaugeConfiguration<T>): Gauge<T> {
    return new Gauge({ ...options, registers: [this.registry] });
  }

  histogram<T extends string>(options: HistogramConfiguration<T>): Histogram<T> {
    return new Histogram({ ...options, registers: [this.registry] });
  }

  /** Everything in the text format of Prometheus; rejects if the supervisor is not there to ask. */
  render(): Promise<string> {
    return this.exchange ? this.exchange.all() : this.registry.metrics();
  }

  /** At the end of a worker: what it has counted goes on counting. */
  async handOver(): Promise<void> {
    await this.exchange?.handOver();
  }
}
