import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../audit/audit.module.js';
import { Clock } from '../common/clock.js';
import { EventsModule } from '../events/events.module.js';
import { WorkspacesModule } from '../workspaces/workspaces.module.js';
import { AdminLinksController } from './admin-links.controller.js';
import { BlockedHostEntity } from './blocked-host.entity.js';
import { BlockedHostsController } from './blocked-hosts.controller.js';
import { BlockedHostsRepository } from './blocked-hosts.repository.js';
import { BlockedHostsService } from './blocked-hosts.service.js';
import { ShortCodeRule } from './dto/short-code.rule.js';
import { TargetUrlRule } from './dto/target-url.rule.js';
import { LinkChangesService } from './link-changes.service.js';
import { LinkEndsRepository } from './link-ends.repository.js';
import { LinkEndsService } from './link-ends.service.js';
import { LinkHistoryController } from './link-history.controller.js';
import { LinkHistoryService } from './link-history.service.js';
import { LinkEntity } from './link.entity.js';
import { LinkFactory } from './link.factory.js';
import { LinkPagesRepository } from './link-pages.repository.js';
import { LinksController } from './links.controller.js';
import { LinksRepository } from './links.repository.js';
import { LinksService } from './links.service.js';
import { ShortCodeGenerator } from './short-code.generator.js';
import { ShortCodePolicy } from './short-code.policy.js';
import { TakedownsService } from './takedowns.service.js';
import { TargetUrlPolicy } from './target-url.policy.js';
import { WorkspaceLinkCountEntity } from './workspace-link-count.entity.js';

/** Links and their codes: what teams do with them. */
@Module({
  imports: [
    TypeOrmModule.forFeature([LinkEntity, BlockedHostEntity, WorkspaceLinkCountEntity]),
    WorkspacesModule,
    AuditModule,
    EventsModule,
  ],
  controllers: [
    LinksController,
    LinkHistoryController,
    AdminLinksController,
    BlockedHostsController,
  ],
  providers: [
    LinksService,
    LinksRepository,
    LinkPagesRepository,
    LinkFactory,
    LinkChangesService,
    LinkHistoryService,
    LinkEndsService,
    LinkEndsRepository,
    TakedownsService,
    BlockedHostsService,
    BlockedHostsRepository,
    TargetUrlPolicy,
    TargetUrlRule,
    ShortCodePolicy,
    ShortCodeRule,
    ShortCodeGenerator,
    Clock,
  ],
  exports: [LinksService],
})
export class LinksModule {}
