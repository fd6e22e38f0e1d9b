import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { IdempotencyKeyEntity } from './idempotency-key.entity.js';
import { IdempotencyUsageEntity } from './idempotency-usage.entity.js';
import { IdempotencyKeysRepository } from './idempotency-keys.repository.js';
import { IdempotencyPurgeService } from './idempotency-purge.service.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import { IdempotencyService } from './idempotency.service.js';

/** Honours the Idempotency-Key header on every POST of a user. */
@Module({
  imports: [TypeOrmModule.forFeature([IdempotencyKeyEntity, IdempotencyUsageEntity])],
  providers: [
    IdempotencyKeysRepository,
    IdempotencyService,
    IdempotencyPurgeService,
    { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
  ],
})
export class IdempotencyModule {}
