import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../audit/audit.module.js';
import { Clock } from '../common/clock.js';
import { DomainsModule } from '../domains/domains.module.js';
import { LinksModule } from '../links/links.module.js';
import { WorkspacesModule } from '../workspaces/workspaces.module.js';
import { ApiKeyBox } from './api-key-box.js';
import { ExportsController } from './exports.controller.js';
import { ExportsService } from './exports.service.js';
import { ImportEntity } from './import.entity.js';
import { ImportFilesRepository } from './import-files.repository.js';
import { ImportPurgeService } from './import-purge.service.js';
import { ImportRunFactory } from './import-run.factory.js';
import { ImportRunnerService } from './import-runner.service.js';
import { ImportsController } from './imports.controller.js';
import { ImportsRepository } from './imports.repository.js';
import { ImportsService } from './imports.service.js';

/** Links that come from other services, and that go to them. */
@Module({
  imports: [
    TypeOrmModule.forFeature([ImportEntity]),
    LinksModule,
    DomainsModule,
    WorkspacesModule,
    AuditModule,
  ],
  controllers: [ImportsController, ExportsController],
  providers: [
    ImportsService,
    ExportsService,
    ImportsRepository,
    ImportFilesRepository,
    ImportRunnerService,
    ImportRunFactory,
    ApiKeyBox,
    ImportPurgeService,
    Clock,
  ],
})
export class ImportsModule {}
