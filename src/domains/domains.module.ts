import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../audit/audit.module.js';
import { Clock } from '../common/clock.js';
import { WorkspacesModule } from '../workspaces/workspaces.module.js';
import { AdminDomainsController } from './admin-domains.controller.js';
import { DomainProofService } from './domain-proof.service.js';
import { DomainEntity } from './domain.entity.js';
import { DomainsController } from './domains.controller.js';
import { DomainsRepository } from './domains.repository.js';
import { DomainsService } from './domains.service.js';
import { HostsService } from './hosts.service.js';

/** Further hosts of workspaces, and which hosts this service answers for. */
@Module({
  imports: [TypeOrmModule.forFeature([DomainEntity]), WorkspacesModule, AuditModule],
  controllers: [DomainsController, AdminDomainsController],
  providers: [DomainsService, DomainsRepository, DomainProofService, HostsService, Clock],
  exports: [DomainsService, HostsService],
})
export class DomainsModule {}
