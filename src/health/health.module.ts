import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { HealthController } from './health.controller.js';
import { HealthMetrics } from './health.metrics.js';
import { HealthService } from './health.service.js';

@Module({
  // Our filter reports failed probes; Terminus would repeat them at `error`.
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [HealthService, HealthMetrics],
})
export class HealthModule {}
