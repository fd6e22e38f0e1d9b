import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module.js';
import { ObservabilityModule } from './observability/observability.module.js';

/** The list of modules, nothing else. */
@Module({ imports: [ConfigModule, ObservabilityModule] })
export class AppModule {}
