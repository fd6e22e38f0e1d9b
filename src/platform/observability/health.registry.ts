import { Injectable } from '@nestjs/common';

export interface HealthReport {
  status: 'up' | 'degraded' | 'down';
  /** Why it is not up, in a sentence for the operator. */
  reason?: string;
  /** Whether this process should get no traffic while the status is `down`. */
  affectsReadiness?: boolean;
  [detail: string]: unknown;
}

export type HealthCheck = () => HealthReport | Promise<HealthReport>;

/** Where features hand in their part of /health; a check must be quick and never throw. */
@Injectable()
export class HealthRegistry {
  private readonly checks = new Map<string, HealthCheck>();

  register(name: string, check: HealthCheck): void {
    this.checks.set(name, check);
  }

  /** Every report by name; a check that throws is `down`. */
  async reports(): Promise<Record<string, HealthReport>> {
    const reports = await Promise.all(
      [...this.checks].map(async ([name, check]) => [name, await run(check)] as const),
    );
    return Object.fromEntries(reports);
  }
}

async function run(check: HealthCheck): Promise<HealthReport> {
  try {
    return await check();
  } catch (error) {
    return { status: 'down', reason: error instanceof Error ? error.message : String(error) };
  }
}
