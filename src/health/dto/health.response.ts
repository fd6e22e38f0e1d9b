import { ApiProperty, ApiPropertyOptional, type ApiPropertyOptions } from '@nestjs/swagger';
import type { HealthReport } from '../../platform/observability/health.registry.js';
import type { HealthSummary, ProbeResult } from '../health.types.js';

const reports = (example: object): ApiPropertyOptions => ({
  type: 'object',
  description: 'By name: a status and, for operators, the reason if it is not `up`, and details.',
  additionalProperties: {
    type: 'object',
    required: ['status'],
    properties: {
      status: { type: 'string', enum: ['up', 'degraded', 'down'] },
      reason: { type: 'string' },
    },
    additionalProperties: true,
  },
  example,
});

export class HealthResponse {
  @ApiProperty({ enum: ['healthy', 'degraded'], example: 'healthy' })
  status: 'healthy' | 'degraded';

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    description: 'For operators.',
    example: 86_400,
  })
  uptime_seconds?: number;

  @ApiPropertyOptional({ description: 'For operators.', example: '1.0.0' })
  version?: string;

  @ApiProperty(reports({ database: { status: 'up', responseTimeMs: 1 } }))
  checks: Record<string, HealthReport>;

  static from({ uptimeSeconds, ...summary }: HealthSummary): HealthResponse {
    return {
      status: summary.status,
      ...(uptimeSeconds !== undefined && { uptime_seconds: uptimeSeconds }),
      ...(summary.version !== undefined && { version: summary.version }),
      checks: summary.checks,
    };
  }
}

export class ProbeResponse implements ProbeResult {
  @ApiProperty({ enum: ['ok'], example: 'ok' })
  status: 'ok';

  @ApiProperty(reports({ database: { status: 'up' } }))
  details: Record<string, HealthReport>;
}
