import type { MetricObjectWithValues, MetricValue } from 'prom-client';

export type Snapshot = MetricObjectWithValues<MetricValue<string>>[];

/** What the workers and the collector in their supervisor tell each other. */
export type MetricsMessage =
  /** A worker was asked for the metrics of all. */
  | { metrics: 'ask-all'; id: number }
  | { metrics: 'all'; id: number; text: string }
  /** The collector wants those of one worker. */
  | { metrics: 'ask' }
  | { metrics: 'own'; snapshot: Snapshot };
