import { randomBytes } from 'node:crypto';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { AuditService, changesOf } from '../audit/audit.service.js';
import type { AuditChanges } from '../audit/audit.types.js';
import { Clock } from '../common/clock.js';
import { decodeCursor, type Page, pageOf } from '../common/cursor.js';
import { invalidFields } from '../common/problem/invalid-fields.js';
import type { FieldError } from '../common/problem/problem.error.js';
import { uuidv7 } from '../common/uuid.js';
import { WORKSPACE_LIMITS } from '../common/workspace-limits.js';
import { DatabaseService } from '../platform/database/database.service.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import type { DeletionHook } from '../workspaces/workspaces.types.js';
import { domainHost, RECORD_PREFIX } from './domain-host.js';
import { DomainProofService } from './domain-proof.service.js';
import type { DomainEntity } from './domain.entity.js';
import { domainChanged, domainNotFound, tooManyDomains } from './domains.problems.js';
import { DomainsRepository } from './domains.repository.js';
import type {
  Domain,
  DomainChanges,
  DomainRecord,
  NewDomain,
  TargetCheck,
} from './domains.types.js';
import { HostsService } from './hosts.service.js';

interface PageOptions {
  limit: number;
  cursor?: string;
}

type Targets = Pick<DomainEntity, 'rootRedirectUrl' | 'notFoundRedirectUrl'>;

/**
 * Further hosts of workspaces. Anybody may claim one, and only what is proved answers: so nobody keeps the
 * real owner out. Who may do what there is up to the caller.
 */
@Injectable()
export class DomainsService implements OnModuleInit, DeletionHook {
  private readonly logger = new Logger(DomainsService.name);
  private targets: TargetCheck;

  constructor(
    private readonly domains: DomainsRepository,
    private readonly proof: DomainProofService,
    private readonly hosts: HostsService,
    private readonly workspaces: WorkspacesService,
    private readonly audit: AuditService,
    private readonly database: DatabaseService,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.workspaces.onDeletion(this);
  }

  /** From now on it says where the pages of domains may lead. */
  checkTargetsBy(targets: TargetCheck): void {
    this.targets = targets;
  }

  /** The newest first. @throws ProblemError invalid-request (cursor) */
  list(workspaceId: string, page: PageOptions): Promise<Page<Domain>> {
    return this.page({ workspaceId }, page);
  }

  /** Those of all workspaces, claims included. @throws ProblemError invalid-request (cursor) */
  async listAll(host: string | undefined, page: PageOptions): Promise<Page<Domain>> {
    const wanted = host === undefined ? undefined : domainHost(host);
    if (host !== undefined && wanted === undefined) return { items: [], nextCursor: null };
    return this.page(wanted === undefined ? {} : { host: wanted }, page);
  }

  /** @throws ProblemError not-found */
  async get(workspaceId: string, id: string): Promise<Domain> {
    return present(await this.find(workspaceId, id));
  }

  /** @throws ProblemError invalid-request, domain-limit-reached, domain-taken (by the workspace itself) */
  async create(workspaceId: string, wanted: NewDomain): Promise<Domain> {
    const errors: FieldError[] = [];
    const host = domainHost(wanted.host);
    if (host === undefined) {
      const detail = 'must be a host name of the DNS, without a port';
      errors.push({ pointer: '/host', code: 'invalid', detail });
    } else if (this.hosts.isDefault(host)) {
      errors.push({ pointer: '/host', code: 'own-host', detail: 'is that of this service itself' });
    }
    const targets = await this.targetsOf(wanted, host, errors);
    const now = this.clock.now();
    const domain: DomainEntity = {
      id: uuidv7(now),
      workspaceId,
      host: host!,
      token: randomBytes(16).toString('hex'),
      rootRedirectUrl: null,
      notFoundRedirectUrl: null,
      ...targets,
      version: 1,
      createdAt: new Date(now),
      verifiedAt: null,
    };
    await this.database.transaction(async () => {
      await this.domains.lockWorkspace(workspaceId);
      const most = WORKSPACE_LIMITS.domains;
      if ((await this.domains.count(workspaceId)) >= most) throw tooManyDomains(most);
      await this.domains.add(domain);
      await this.record('created', domain, changesOf({}, { host: domain.host, ...targets }));
    });
    return present(domain);
  }

  /** @throws ProblemError not-found, precondition-failed, invalid-request */
  async update(
    workspaceId: string,
    id: string,
    wanted: DomainChanges,
    versions?: number[],
  ): Promise<Domain> {
    const { host } = await this.find(workspaceId, id);
    const targets = await this.targetsOf(wanted, host, []);
    await this.change('updated', workspaceId, id, () => targets, versions);
    return this.get(workspaceId, id);
  }

  /**
   * Its deleted links keep their codes, should the host come back.
   * @throws ProblemError not-found, precondition-failed, domain-in-use
   */
  async delete(workspaceId: string, id: string, versions?: number[]): Promise<void> {
    await this.database.transaction(async () => {
      const domain = await this.lock(workspaceId, id, versions);
      await this.domains.delete(domain);
      await this.record('deleted', domain, changesOf(domain, { host: undefined }));
    });
  }

  /**
   * Looks for the record in the DNS; the domain answers from then on.
   * @throws ProblemError not-found, domain-not-verified, domain-taken (proved by another workspace)
   */
  async verify(workspaceId: string, id: string): Promise<Domain> {
    const domain = await this.find(workspaceId, id);
    if (domain.verifiedAt) return present(domain);
    await this.proof.insist(recordOf(domain));
    return this.confirm(domain);
  }

  /** An administrator answers for it. @throws ProblemError not-found, domain-taken */
  async verifyUnseen(id: string, userId: string): Promise<Domain> {
    const domain = isUUID(id) ? await this.domains.findOfAny(id) : undefined;
    if (!domain) throw domainNotFound();
    if (domain.verifiedAt) return present(domain);
    const verified = await this.confirm(domain);
    this.logger.log(`The domain ${domain.host} was verified by user ${userId}`);
    return verified;
  }

  /** Domains go where the links of their workspace go, and before them. */
  async onDeleting(workspaceId: string, transferTo?: string): Promise<void> {
    if (transferTo === undefined) return;
    for (const { id } of await this.domains.moveAll(workspaceId, transferTo)) {
      const changes = { workspaceId: { from: workspaceId, to: transferTo } };
      await this.record('moved', { id, workspaceId: transferTo }, changes);
    }
  }

  private async confirm({ workspaceId, id }: DomainEntity): Promise<Domain> {
    const verifiedAt = new Date(this.clock.now());
    const columnsOf = (domain: DomainEntity) => (domain.verifiedAt ? {} : { verifiedAt });
    await this.change('verified', workspaceId, id, columnsOf);
    return this.get(workspaceId, id);
  }

  private change(
    what: string,
    workspaceId: string,
    id: string,
    columnsOf: (domain: DomainEntity) => Partial<DomainEntity>,
    versions?: number[],
  ): Promise<void> {
    return this.database.transaction(async () => {
      const domain = await this.lock(workspaceId, id, versions);
      const columns = columnsOf(domain);
      await this.domains.update(domain, columns);
      await this.record(what, domain, changesOf(domain, columns));
    });
  }

  private async lock(workspaceId: string, id: string, versions?: number[]): Promise<DomainEntity> {
    const domain = isUUID(id) ? await this.domains.lock(workspaceId, id) : undefined;
    if (!domain) throw domainNotFound();
    if (versions && !versions.includes(domain.version)) throw domainChanged();
    return domain;
  }

  private async find(workspaceId: string, id: string): Promise<DomainEntity> {
    const domain = isUUID(id) ? await this.domains.find(workspaceId, id) : undefined;
    if (!domain) throw domainNotFound();
    return domain;
  }

  private async page(
    filter: { workspaceId?: string; host?: string },
    { limit, cursor }: PageOptions,
  ): Promise<Page<Domain>> {
    const beforeId = cursor === undefined ? undefined : decodeCursor(cursor);
    // One more than asked for tells whether there is a next page.
    const found = await this.domains.findPage(filter, limit + 1, beforeId);
    return pageOf(found.map(present), limit, ({ id }) => id);
  }

  /** @throws ProblemError invalid-request, with what else is wrong */
  private async targetsOf(
    wanted: DomainChanges,
    host: string | undefined,
    errors: FieldError[],
  ): Promise<Partial<Targets>> {
    const targets: Partial<Targets> = {};
    for (const field of ['rootRedirectUrl', 'notFoundRedirectUrl'] as const) {
      const url = wanted[field];
      if (url === undefined) continue;
      const checked = url === null ? { url } : await this.targets.checkTarget(url);
      if ('code' in checked) errors.push({ pointer: `/${field}`, ...checked });
      else if (checked.url !== null && new URL(checked.url).hostname === host) {
        // The domain may not be verified yet: then nobody else knows it.
        const detail = 'must not lead back to the domain';
        errors.push({ pointer: `/${field}`, code: 'own-host', detail });
      } else targets[field] = checked.url;
    }
    if (errors.length > 0) throw invalidFields(errors);
    return targets;
  }

  private record(
    what: string,
    { id, workspaceId }: Pick<DomainEntity, 'id' | 'workspaceId'>,
    changes: AuditChanges,
  ): Promise<void> {
    const targets = [{ type: 'domain', id }];
    return this.audit.record({ workspaceId, action: `domain.${what}`, targets, changes });
  }
}

const recordOf = ({ host, token }: DomainEntity): DomainRecord => ({
  type: 'TXT',
  name: `${RECORD_PREFIX}${host}`,
  value: `signpost-verification=${token}`,
});

const present = (domain: DomainEntity): Domain => {
  const { token: _, ...fields } = domain;
  return { ...fields, record: recordOf(domain) };
};
