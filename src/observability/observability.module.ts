import { Global, Module } from '@nestjs/common';
import { HealthRegistry } from './health.registry.js';
import { LifecycleService } from './lifecycle.service.js';
import { MetricsService } from './metrics.service.js';

const services = [HealthRegistry, LifecycleService, MetricsService];

@Global()
@Module({ providers: services, exports: services })
export class ObservabilityModule {}
