import { Module } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { LinksModule } from '../../links/links.module.js';
import { WorkspacesModule } from '../../workspaces/workspaces.module.js';
import { ReportsController } from './reports.controller.js';
import { ReportsRepository } from './reports.repository.js';
import { ReportsService } from './reports.service.js';

/** The statistics API. */
@Module({
  imports: [LinksModule, WorkspacesModule],
  controllers: [ReportsController],
  providers: [ReportsService, ReportsRepository, Clock],
})
export class ReportsModule {}
