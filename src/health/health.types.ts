import type { HealthReport } from '../platform/observability/health.registry.js';

/** How this process is, for operators and dashboards; probes only look at the status code. */
export interface HealthSummary {
  /** `degraded`: it does its main job, but something needs attention; the checks say what. */
  status: 'healthy' | 'degraded';
  /** These two are only for operators, as is all of a check but its status. */
  uptimeSeconds?: number;
  version?: string;
  checks: Record<string, HealthReport>;
}

/** What a probe is told when all is well (the form of Terminus). */
export interface ProbeResult {
  status: 'ok';
  details: Record<string, HealthReport>;
}
