import { Injectable } from '@nestjs/common';
import { LinksConfig } from '../../config/links.config.js';
import { AuditService } from '../audit/audit.service.js';
import { Clock } from '../common/clock.js';
import { DomainsService } from '../domains/domains.service.js';
import { HostsService } from '../domains/hosts.service.js';
import { LinkImportsService } from '../links/link-imports.service.js';
import { DatabaseService } from '../platform/database/database.service.js';
import { OutboundClient } from '../platform/outbound/outbound-client.js';
import { AdmissionQueue } from '../platform/scheduling/admission-queue.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import { ApiKeyBox } from './api-key-box.js';
import type { ImportEntity } from './import.entity.js';
import { ImportFilesRepository } from './import-files.repository.js';
import { ImportRun, type RunContext } from './import-run.js';
import { ImportsRepository } from './imports.repository.js';

/** Hands a run what it needs of the application. */
@Injectable()
export class ImportRunFactory implements RunContext {
  constructor(
    readonly imports: ImportsRepository,
    readonly files: ImportFilesRepository,
    readonly links: LinkImportsService,
    readonly workspaces: WorkspacesService,
    readonly audit: AuditService,
    readonly database: DatabaseService,
    readonly outbound: OutboundClient,
    readonly queue: AdmissionQueue,
    readonly clock: Clock,
    readonly apiKeys: ApiKeyBox,
    readonly linksConfig: LinksConfig,
    readonly domains: DomainsService,
    readonly hosts: HostsService,
  ) {}

  create(entity: ImportEntity, owner: string): ImportRun {
    return new ImportRun(entity, owner, this);
  }
}
