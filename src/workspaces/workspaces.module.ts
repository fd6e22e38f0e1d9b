import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthModule } from '../auth/auth.module.js';
import { Clock } from '../common/clock.js';
import { AccountWorkspacesRepository } from './account-workspaces.repository.js';
import { AccountWorkspacesService } from './account-workspaces.service.js';
import { WorkspaceMemberEntity } from './workspace-member.entity.js';
import { WorkspaceEntity } from './workspace.entity.js';
import { WorkspacesRepository } from './workspaces.repository.js';
import { WorkspacesService } from './workspaces.service.js';

/** Teams: every link belongs to one workspace, and its members decide over it. */
@Module({
  imports: [TypeOrmModule.forFeature([WorkspaceEntity, WorkspaceMemberEntity]), AuthModule],
  providers: [
    WorkspacesService,
    WorkspacesRepository,
    AccountWorkspacesService,
    AccountWorkspacesRepository,
    Clock,
  ],
  exports: [WorkspacesService, AccountWorkspacesService],
})
export class WorkspacesModule {}
