import type { LinksConfig } from '../../config/links.config.js';
import type { AuditService } from '../audit/audit.service.js';
import type { Clock } from '../common/clock.js';
import { ProblemError } from '../common/problem/problem.error.js';
import { withScope } from '../common/request-context.js';
import type { SecretBox } from '../common/secret-box.js';
import type { DomainsService } from '../domains/domains.service.js';
import type { HostsService } from '../domains/hosts.service.js';
import type { LinkImportsService } from '../links/link-imports.service.js';
import { type ImportedLink, type OnTaken, WorkspaceGone } from '../links/links.types.js';
import type { DatabaseService } from '../platform/database/database.service.js';
import type { OutboundClient } from '../platform/outbound/outbound-client.js';
import { OutboundError } from '../platform/outbound/outbound.error.js';
import type { AdmissionQueue } from '../platform/scheduling/admission-queue.js';
import type { WorkspacesService } from '../workspaces/workspaces.service.js';
import type { ImportEntity } from './import.entity.js';
import type { ImportFilesRepository } from './import-files.repository.js';
import { ImportReader } from './import-reader.js';
import {
  type ImportNote,
  type ImportRecord,
  MAX_IMPORT_BYTES,
  type RecordOutcome,
  type RemoteSource,
  type ReportedRecord,
} from './imports.types.js';
import type { ImportsRepository } from './imports.repository.js';
import { isUseless, type LinkHosts, linkOfRecord } from './link-of-record.js';
import { outboundProblem, RemoteReader } from './remote-services.js';
import { UnreadableFile } from './sources/unreadable-file.js';

/** What a run needs of the application. */
export interface RunContext {
  readonly imports: ImportsRepository;
  readonly files: ImportFilesRepository;
  readonly links: LinkImportsService;
  readonly workspaces: WorkspacesService;
  readonly audit: AuditService;
  readonly database: DatabaseService;
  readonly outbound: OutboundClient;
  readonly queue: AdmissionQueue;
  readonly clock: Clock;
  readonly apiKeys: SecretBox;
  readonly linksConfig: LinksConfig;
  readonly domains: DomainsService;
  readonly hosts: HostsService;
}

/** Several times within a lease. */
const RENEW_MS = 5_000;

/** More pages than the links of any service have. */
const MAX_PAGES = 20_000;

/** Thrown when the import is no more this run's: it was cancelled, or another run has it. */
class Lost extends Error {}

type Reported = ReportedRecord & { linkDomain: string };

/**
 * One go at an import. Each batch of records is one transaction: the links, their events, what is reported of
 * the records, and how far the import is. So whenever the process dies, the next run goes on with the record
 * behind the last one that is on record, and no link is made twice or left out.
 */
export class ImportRun {
  readonly id: string;
  private isStopped = false;
  private readonly abort = new AbortController();

  constructor(
    private readonly entity: ImportEntity,
    private readonly owner: string,
    private readonly app: RunContext,
  ) {
    this.id = entity.id;
  }

  /** After the batch that is at work. */
  stop(): void {
    this.isStopped = true;
    this.abort.abort();
  }

  /** Until all is done, or it is stopped or lost. */
  async work(): Promise<void> {
    const heartbeat = setInterval(() => void this.renew(), RENEW_MS).unref();
    try {
      if (this.entity.apiKey) await this.fetchPages();
      if (!this.isStopped) await this.takeOver();
    } catch (error) {
      if (error instanceof Lost) return;
      if (this.isStopped) return;
      const problem = problemOf(error);
      if (!problem) throw error;
      await this.end({ status: 'failed', problem }).catch(unlessLost);
    } finally {
      clearInterval(heartbeat);
      if (this.isStopped) await this.app.imports.release(this.id, this.owner);
    }
  }

  /** What has ended the process several times would do so again. */
  async giveUp(): Promise<void> {
    const detail = 'The import was interrupted too often. What it has taken over stays.';
    await this.end({ status: 'failed', problem: { code: 'interrupted', detail } });
  }

  /** Asks the service for all of its links first: its answers are kept until they are taken over. */
  private async fetchPages(): Promise<void> {
    const { remoteUrl, apiKey, source } = this.entity;
    const key = this.app.apiKeys.open(this.id, apiKey!);
    if (key === undefined) {
      throw new UnreadableFile(
        'The API key can no longer be read: the secret of the server changed.',
      );
    }
    const service = { source: source as RemoteSource, url: remoteUrl!, apiKey: key };
    const reader = new RemoteReader(this.app.outbound, service, this.abort.signal);
    const size = await this.app.files.sizeOf(this.id);
    let place = this.entity.remotePlace;
    for (let number = size.chunks; ; number += 1) {
      const { document, next } = await reader.page(place);
      const bytes = Buffer.from(JSON.stringify(document));
      size.bytes += bytes.length;
      if (size.bytes > MAX_IMPORT_BYTES || number >= MAX_PAGES) {
        throw new UnreadableFile(`The service has more than ${MAX_IMPORT_BYTES} bytes of links.`);
      }
      await this.asOwner(async () => {
        await this.app.files.addChunk(this.id, number, bytes);
        await this.app.imports.note(this.id, {
          remotePlace: next,
          ...(next === null && { apiKey: null }),
        });
      });
      if (next === null) return;
      if (this.isStopped) return;
      place = next;
    }
  }

  private async takeOver(): Promise<void> {
    const chunks = await this.app.files.readChunks(this.id);
    const files = this.entity.remoteUrl === null ? [Buffer.concat(chunks)] : chunks;
    const reader = new ImportReader({
      files,
      name: this.entity.fileName ?? undefined,
      source: this.entity.source ?? undefined,
      now: this.entity.createdAt.getTime(),
      allowedSchemes: this.app.linksConfig.allowedTargetSchemes,
      from: this.entity.read,
    });
    try {
      const { source, total } = await reader.open();
      await this.asOwner(() => this.app.imports.note(this.id, { source, total }));
      const hosts = await this.linkHosts();
      for (;;) {
        const records = await reader.next();
        if (records.length === 0) break;
        // Redirects go first, as before requests of the API.
        await new Promise<void>((resolve) => this.app.queue.admit(resolve, () => false));
        if (this.isStopped) return;
        await this.asOwner((current) => this.takeOverBatch(current, records, hosts));
      }
      await this.end({ status: 'done' });
    } finally {
      await reader.close();
    }
  }

  private async takeOverBatch(
    current: ImportEntity,
    records: ImportRecord[],
    hosts: LinkHosts,
  ): Promise<void> {
    if (current.read !== records[0]!.index) throw new Lost();
    const place = await this.app.workspaces.require(
      current.actorId,
      current.workspaceId,
      'links:write',
    );
    const works = records
      .filter((record) => !isUseless(record) && !isLeftOut(record, current.onTaken))
      .map((record) => ({ record, ...linkOfRecord(record, hosts) }));
    const codes = works.flatMap(({ link }) => link.code ?? []);
    const used = await this.app.files.findCodes(this.id, codes);
    const outcomes = await this.app.links.addAll(
      current.workspaceId,
      place.userId,
      works.map(({ link }) => link),
      {
        onTaken: current.onTaken,
        isTrial: current.dryRun,
        earlier: {
          links: current.created + current.renamed,
          has: (domain, code) => used.has(`${domain}/${code}`),
        },
      },
    );
    const byIndex = new Map(
      works.map(({ record, warnings }, at) => [
        record.index,
        reported(record, outcomes[at]!, warnings),
      ]),
    );
    const reports = records.map(
      (record) => byIndex.get(record.index) ?? reported(record, refusalOf(record), record.warnings),
    );
    await this.app.files.report(this.id, reports);
    const count = (outcome: RecordOutcome): number =>
      current[outcome] + reports.filter((each) => each.outcome === outcome).length;
    await this.app.imports.note(this.id, {
      read: current.read + records.length,
      created: count('created'),
      updated: count('updated'),
      renamed: count('renamed'),
      skipped: count('skipped'),
      failed: count('failed'),
    });
  }

  /** Of the domains that the workspace has now: one that ends meanwhile interrupts the import. */
  private async linkHosts(): Promise<LinkHosts> {
    const own = new Set<string>();
    let cursor: string | undefined;
    do {
      const page = await this.app.domains.list(this.entity.workspaceId, { limit: 200, cursor });
      for (const { host, verifiedAt } of page.items) if (verifiedAt) own.add(host);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return {
      domainOf: (host) => this.app.hosts.domainOf(host),
      isOwn: (host) => own.has(host),
      defaultHost: this.app.hosts.nameOf(''),
    };
  }

  private async end(columns: { status: 'done' | 'failed'; problem?: ImportNote }): Promise<void> {
    await this.asOwner(async ({ workspaceId }) => {
      const finishedAt = new Date(this.app.clock.now());
      await this.app.imports.finish(this.id, { ...columns, finishedAt });
      await this.app.audit.record({
        workspaceId,
        action: 'import.finished',
        targets: [{ type: 'import', id: this.id }],
        outcome: columns.status === 'done' ? 'success' : 'failure',
      });
    });
  }

  /** In a transaction, in the name of who asked for the import. @throws Lost */
  private asOwner(work: (current: ImportEntity) => Promise<void>): Promise<void> {
    const { actorType, actorId } = this.entity;
    return withScope({ actor: { type: actorType, id: actorId } }, () =>
      this.app.database.transaction(async () => {
        const current = await this.app.imports.lockOwn(this.id, this.owner);
        if (!current) throw new Lost();
        await work(current);
      }),
    );
  }

  private async renew(): Promise<void> {
    // A batch that finds the lease gone ends the run; a database that is away is met there, too.
    const isOwn = await this.app.imports.renew(this.id, this.owner).catch(() => true);
    if (!isOwn) this.abort.abort();
  }
}

const unlessLost = (error: unknown): void => {
  if (!(error instanceof Lost)) throw error;
};

/** A code that is there twice can only become another one. */
const isLeftOut = ({ error }: ImportRecord, onTaken: OnTaken): boolean =>
  error?.code === 'code-twice-in-file' && onTaken !== 'rename';

const refusalOf = ({ error }: ImportRecord): ImportedLink => ({
  outcome: error!.code === 'code-twice-in-file' ? 'skipped' : 'failed',
  problem: error!,
  warnings: [],
});

function reported(record: ImportRecord, result: ImportedLink, warnings: ImportNote[]): Reported {
  const { index, line, domain, code, url } = record;
  return {
    index,
    line,
    domain,
    code,
    url,
    outcome: result.outcome,
    linkId: result.linkId ?? null,
    linkDomain: result.domain ?? '',
    linkCode: result.code ?? null,
    warnings: [...warnings, ...result.warnings],
    problem: result.problem ?? null,
  };
}

/** What is told of an error that would come again; undefined for one that may pass. */
function problemOf(error: unknown): ImportNote | undefined {
  if (error instanceof UnreadableFile) return { code: 'file-unreadable', detail: error.message };
  if (error instanceof OutboundError) return outboundProblem(error);
  if (error instanceof WorkspaceGone) {
    return { code: 'not-found', detail: 'The workspace was deleted.' };
  }
  if (error instanceof ProblemError && ['forbidden', 'not-found'].includes(error.code)) {
    return { code: error.code, detail: error.detail };
  }
  return undefined;
}
