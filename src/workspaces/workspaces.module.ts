import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../audit/audit.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { Clock } from '../common/clock.js';
import { AccountWorkspacesRepository } from './account-workspaces.repository.js';
import { AccountWorkspacesService } from './account-workspaces.service.js';
import { ApiKeysController } from './api-keys.controller.js';
import { AuditTrailsRepository } from './audit-trails.repository.js';
import { AuditTrailsService } from './audit-trails.service.js';
import { InstanceAuditController } from './instance-audit.controller.js';
import { InvitationPurgeService } from './invitation-purge.service.js';
import { InvitationEntity } from './invitation.entity.js';
import { InvitationsController } from './invitations.controller.js';
import { InvitationsRepository } from './invitations.repository.js';
import { InvitationsService } from './invitations.service.js';
import { MembersController } from './members.controller.js';
import { MembersRepository } from './members.repository.js';
import { MembersService } from './members.service.js';
import { WorkspaceAuditController } from './workspace-audit.controller.js';
import { WorkspaceMemberEntity } from './workspace-member.entity.js';
import { WorkspaceEntity } from './workspace.entity.js';
import { WorkspacesController } from './workspaces.controller.js';
import { WorkspacesRepository } from './workspaces.repository.js';
import { WorkspacesService } from './workspaces.service.js';

/** Teams: every link belongs to one workspace, and its members decide over it. */
@Module({
  imports: [
    TypeOrmModule.forFeature([WorkspaceEntity, WorkspaceMemberEntity, InvitationEntity]),
    AuthModule,
    AuditModule,
  ],
  controllers: [
    WorkspacesController,
    MembersController,
    InvitationsController,
    ApiKeysController,
    WorkspaceAuditController,
    InstanceAuditController,
  ],
  providers: [
    WorkspacesService,
    WorkspacesRepository,
    MembersService,
    MembersRepository,
    InvitationsService,
    InvitationsRepository,
    InvitationPurgeService,
    AccountWorkspacesService,
    AccountWorkspacesRepository,
    AuditTrailsService,
    AuditTrailsRepository,
    Clock,
  ],
  exports: [WorkspacesService, AccountWorkspacesService],
})
export class WorkspacesModule {}
