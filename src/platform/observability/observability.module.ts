import { Global, Module } from '@nestjs/common';
import { HealthRegistry } from './health.registry.js';
import { LifecycleService } from './lifecycle.service.js';
import { MetricsService } from './metrics.service.js';
import { OperatorAccess } from './operator-access.js';

const services = [HealthRegistry, LifecycleService, MetricsService, OperatorAccess];

@Global()
@Module({ providers: services, exports: services })
export class ObservabilityModule {}
