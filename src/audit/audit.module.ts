import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Clock } from '../common/clock.js';
import { AuditChainEntity } from './audit-chain.entity.js';
import { AuditEventEntity } from './audit-event.entity.js';
import { AuditEventsRepository } from './audit-events.repository.js';
import { AuditPurgeService } from './audit-purge.service.js';
import { AuditService } from './audit.service.js';

/** What was changed, and by whom. Every feature calls it, and it calls none. */
@Module({
  imports: [TypeOrmModule.forFeature([AuditEventEntity, AuditChainEntity])],
  providers: [AuditService, AuditEventsRepository, AuditPurgeService, Clock],
  exports: [AuditService],
})
export class AuditModule {}
