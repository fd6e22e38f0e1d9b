import { Module } from '@nestjs/common';
import { AuditModule } from '../../audit/audit.module.js';
import { Clock } from '../../common/clock.js';
import { LinksModule } from '../../links/links.module.js';
import { WorkspacesModule } from '../../workspaces/workspaces.module.js';
import { ClickDeletionRequestsRepository } from './click-deletion-requests.repository.js';
import { ClickDeletionsService } from './click-deletions.service.js';
import { ClickEventsRepository } from './click-events.repository.js';
import { ClickEventsService } from './click-events.service.js';
import { LinkTotalsRepository } from './link-totals.repository.js';
import { ReportThread } from './report.thread.js';
import { ReportsController } from './reports.controller.js';
import { ReportsService } from './reports.service.js';
import { WorkspaceReportsController } from './workspace-reports.controller.js';

/** The statistics API. */
@Module({
  imports: [LinksModule, WorkspacesModule, AuditModule],
  controllers: [ReportsController, WorkspaceReportsController],
  providers: [
    ReportsService,
    LinkTotalsRepository,
    ReportThread,
    ClickEventsService,
    ClickDeletionsService,
    ClickDeletionRequestsRepository,
    ClickEventsRepository,
    Clock,
  ],
})
export class ReportsModule {}
