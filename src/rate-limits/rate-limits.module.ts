import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ApiLimitService } from './api-limit.service.js';
import { RateLimitEntity } from './rate-limit.entity.js';
import { RateLimitPurgeService } from './rate-limit-purge.service.js';
import { RateLimitsRepository } from './rate-limits.repository.js';
import { RateLimitsService } from './rate-limits.service.js';

/** How often somebody may ask for something. Features decorate their routes, or count by themselves. */
@Module({
  imports: [TypeOrmModule.forFeature([RateLimitEntity])],
  providers: [RateLimitsService, RateLimitsRepository, ApiLimitService, RateLimitPurgeService],
  exports: [RateLimitsService, ApiLimitService],
})
export class RateLimitsModule {}
