import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../audit/audit.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { Clock } from '../common/clock.js';
import { EventsModule } from '../events/events.module.js';
import { RateLimitsModule } from '../rate-limits/rate-limits.module.js';
import { WorkspacesModule } from '../workspaces/workspaces.module.js';
import { DomainsModule } from '../domains/domains.module.js';
import { AdminLinksController } from './admin-links.controller.js';
import { BlockedHostEntity } from './blocked-host.entity.js';
import { BlockedHostsController } from './blocked-hosts.controller.js';
import { BlockedHostsRepository } from './blocked-hosts.repository.js';
import { BlockedHostsService } from './blocked-hosts.service.js';
import { DomainTargetsService } from './domain-targets.service.js';
import { ExternalIdsController } from './external-ids.controller.js';
import { ShortCodeRule } from './dto/short-code.rule.js';
import { TargetUrlRule } from './dto/target-url.rule.js';
import { LinkBatchesController } from './link-batches.controller.js';
import { LinkBatchesService } from './link-batches.service.js';
import { LinkChangesService } from './link-changes.service.js';
import { LinkEndsRepository } from './link-ends.repository.js';
import { LinkEndsService } from './link-ends.service.js';
import { LinkHistoryController } from './link-history.controller.js';
import { LinkHistoryService } from './link-history.service.js';
import { LinkEntity } from './link.entity.js';
import { ImportedLinkFactory } from './imported-link.factory.js';
import { LinkImportsRepository } from './link-imports.repository.js';
import { LinkImportsService } from './link-imports.service.js';
import { LinkFactory } from './link.factory.js';
import { LinkPasswordsService } from './link-passwords.service.js';
import { LinkPagesRepository } from './link-pages.repository.js';
import { LinksController } from './links.controller.js';
import { LinkPresenter } from './link.presenter.js';
import { LinksRepository } from './links.repository.js';
import { LinksService } from './links.service.js';
import { QrCodesController } from './qr-codes.controller.js';
import { QrCodesService } from './qr-codes.service.js';
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
    AuthModule,
    DomainsModule,
    AuditModule,
    RateLimitsModule,
    EventsModule,
  ],
  controllers: [
    LinksController,
    LinkBatchesController,
    ExternalIdsController,
    LinkHistoryController,
    QrCodesController,
    AdminLinksController,
    BlockedHostsController,
  ],
  providers: [
    LinksService,
    LinksRepository,
    LinkPagesRepository,
    LinkFactory,
    LinkPasswordsService,
    LinkChangesService,
    LinkBatchesService,
    LinkHistoryService,
    QrCodesService,
    LinkPresenter,
    LinkEndsService,
    LinkEndsRepository,
    LinkImportsService,
    LinkImportsRepository,
    ImportedLinkFactory,
    TakedownsService,
    BlockedHostsService,
    BlockedHostsRepository,
    DomainTargetsService,
    TargetUrlPolicy,
    TargetUrlRule,
    ShortCodePolicy,
    ShortCodeRule,
    ShortCodeGenerator,
    Clock,
  ],
  exports: [LinksService, LinkImportsService],
})
export class LinksModule {}
