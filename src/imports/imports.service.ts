import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { AuditService } from '../audit/audit.service.js';
import { Clock } from '../common/clock.js';
import { decodeCursor, type Page, pageOf } from '../common/cursor.js';
import { ProblemError } from '../common/problem/problem.error.js';
import { currentRequest } from '../common/request-context.js';
import { uuidv7 } from '../common/uuid.js';
import { DatabaseService } from '../platform/database/database.service.js';
import { OutboundClient } from '../platform/outbound/outbound-client.js';
import { OutboundError } from '../platform/outbound/outbound.error.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import { ApiKeyBox } from './api-key-box.js';
import { ImportEntity } from './import.entity.js';
import { ImportFilesRepository } from './import-files.repository.js';
import { ImportRunnerService } from './import-runner.service.js';
import {
  bodyTooLarge,
  brokenOff,
  importNotFound,
  nothingSent,
  tooManyImports,
} from './imports.problems.js';
import { ImportsRepository } from './imports.repository.js';
import {
  type Import,
  type ImportOptions,
  MAX_IMPORT_BYTES,
  MAX_UNFINISHED_IMPORTS,
  type RecordOutcome,
  type RemoteService,
  type ReportedRecord,
} from './imports.types.js';

/** Of the file; a row of this size is written in some milliseconds. */
const CHUNK_BYTES = 512 * 1024;

/** Links of other services: taken over one import at a time, in the background. */
@Injectable()
export class ImportsService {
  constructor(
    private readonly imports: ImportsRepository,
    private readonly files: ImportFilesRepository,
    private readonly runner: ImportRunnerService,
    private readonly workspaces: WorkspacesService,
    private readonly audit: AuditService,
    private readonly database: DatabaseService,
    private readonly outbound: OutboundClient,
    private readonly apiKeys: ApiKeyBox,
    private readonly clock: Clock,
  ) {}

  /**
   * Takes a file in, as fast as the database does, and no more of it than may be; its links come later.
   * @throws ProblemError not-found, import-limit-reached, body-too-large, invalid-request
   */
  async start(
    workspaceId: string,
    options: ImportOptions,
    file: AsyncIterable<Buffer>,
  ): Promise<Import> {
    const entity = this.newImport(workspaceId, options, 'receiving');
    await this.add(entity);
    try {
      await this.receive(entity.id, file);
    } catch (error) {
      await this.imports.discard(entity.id);
      throw (error as NodeJS.ErrnoException).code === 'ECONNRESET' ? brokenOff(error) : error;
    }
    await this.database.transaction(async () => {
      await this.imports.queue(entity.id);
      await this.record('import.started', entity);
    });
    entity.status = 'queued';
    this.runner.wake();
    return present(entity);
  }

  /**
   * Takes over what a running service answers.
   * @throws ProblemError not-found, import-limit-reached, invalid-request
   */
  async startRemote(
    workspaceId: string,
    options: ImportOptions,
    { source, url, apiKey }: RemoteService,
  ): Promise<Import> {
    await this.outbound.check(url).catch(refuseAddress);
    const entity = this.newImport(workspaceId, { ...options, source }, 'queued');
    entity.remoteUrl = new URL(url).href;
    entity.apiKey = this.apiKeys.seal(entity.id, apiKey);
    await this.database.transaction(async () => {
      await this.add(entity);
      await this.record('import.started', entity);
    });
    this.runner.wake();
    return present(entity);
  }

  /** The newest first. @throws ProblemError invalid-request (cursor) */
  async list(
    workspaceId: string,
    { limit, cursor }: { limit: number; cursor?: string },
  ): Promise<Page<Import>> {
    const beforeId = cursor === undefined ? undefined : decodeCursor(cursor);
    // One more than asked for tells whether there is a next page.
    const found = await this.imports.findPage(workspaceId, limit + 1, beforeId);
    return pageOf(found.map(present), limit, ({ id }) => id);
  }

  /** @throws ProblemError not-found */
  async get(workspaceId: string, id: string): Promise<Import> {
    return present(await this.find(workspaceId, id));
  }

  /**
   * What became of each record, in the order of the file.
   * @throws ProblemError not-found, invalid-request (cursor)
   */
  async records(
    workspaceId: string,
    id: string,
    { limit, cursor, outcome }: { limit: number; cursor?: string; outcome?: RecordOutcome },
  ): Promise<Page<ReportedRecord>> {
    await this.find(workspaceId, id);
    const after = cursor === undefined ? -1 : indexOf(decodeCursor(cursor));
    const found = await this.files.findRecords(id, limit + 1, after, outcome);
    return pageOf(found, limit, ({ index }) => cursorId(index));
  }

  /**
   * Ends an import that is not over: what it has taken over stays. One that is over is removed, with its
   * report.
   * @throws ProblemError not-found
   */
  async delete(workspaceId: string, id: string): Promise<void> {
    const now = new Date(this.clock.now());
    await this.database.transaction(async () => {
      const entity = isUUID(id) ? await this.imports.lock(id, workspaceId) : undefined;
      if (!entity) throw importNotFound();
      if (entity.finishedAt === null) {
        await this.imports.cancel(id, now);
        await this.record('import.cancelled', entity);
      } else {
        await this.imports.remove(id, now);
        await this.record('import.removed', entity);
      }
    });
  }

  /** Where the API answers for the import. */
  apiPath(workspaceId: string, id: string): string {
    return this.workspaces.apiPath(workspaceId, 'imports', id);
  }

  private newImport(
    workspaceId: string,
    { source, fileName, dryRun, onTaken }: ImportOptions,
    status: ImportEntity['status'],
  ): ImportEntity {
    const now = this.clock.now();
    const actor = currentRequest()!.actor!;
    return Object.assign(new ImportEntity(), {
      id: uuidv7(now),
      workspaceId: workspaceId.toLowerCase(),
      status,
      source: source ?? null,
      fileName: fileName ?? null,
      dryRun,
      onTaken,
      actorType: actor.type as 'user' | 'api-key',
      actorId: actor.id!,
      remoteUrl: null,
      remotePlace: null,
      apiKey: null,
      total: null,
      read: 0,
      created: 0,
      updated: 0,
      renamed: 0,
      skipped: 0,
      failed: 0,
      problem: null,
      attempts: 0,
      leaseOwner: null,
      leaseUntil: null,
      createdAt: new Date(now),
      startedAt: null,
      finishedAt: null,
      removedAt: null,
    });
  }

  private async add(entity: ImportEntity): Promise<void> {
    await this.database.transaction(async () => {
      await this.imports.lockWorkspace(entity.workspaceId);
      const unfinished = await this.imports.countUnfinished(entity.workspaceId);
      if (unfinished >= MAX_UNFINISHED_IMPORTS) throw tooManyImports(MAX_UNFINISHED_IMPORTS);
      await this.imports.insert(entity);
    });
  }

  private async receive(importId: string, file: AsyncIterable<Buffer>): Promise<void> {
    let pieces: Buffer[] = [];
    let [waiting, total, number] = [0, 0, 0];
    const write = async (): Promise<void> => {
      await this.files.addChunk(importId, number, Buffer.concat(pieces));
      number += 1;
      pieces = [];
      waiting = 0;
    };
    for await (const piece of file) {
      total += piece.length;
      if (total > MAX_IMPORT_BYTES) throw bodyTooLarge(MAX_IMPORT_BYTES);
      pieces.push(piece);
      waiting += piece.length;
      if (waiting >= CHUNK_BYTES) await write();
    }
    if (total === 0) throw nothingSent();
    if (waiting > 0) await write();
  }

  private async find(workspaceId: string, id: string): Promise<ImportEntity> {
    const entity = isUUID(id) ? await this.imports.find(id, workspaceId) : undefined;
    if (!entity) throw importNotFound();
    return entity;
  }

  private record(action: string, { id, workspaceId }: ImportEntity): Promise<void> {
    return this.audit.record({ workspaceId, action, targets: [{ type: 'import', id }] });
  }
}

function present(entity: ImportEntity): Import {
  const { read, total, created, updated, renamed, skipped, failed } = entity;
  return {
    id: entity.id,
    workspaceId: entity.workspaceId,
    status: entity.status as Import['status'],
    source: entity.source,
    fileName: entity.fileName,
    url: entity.remoteUrl,
    dryRun: entity.dryRun,
    onTaken: entity.onTaken,
    progress: { read, total, created, updated, renamed, skipped, failed },
    problem: entity.problem,
    createdBy: entity.actorId,
    createdAt: entity.createdAt,
    startedAt: entity.startedAt,
    finishedAt: entity.finishedAt,
  };
}

/** Cursors stand for ids; that of a record ends with its index. */
const cursorId = (index: number): string =>
  `00000000-0000-0000-0000-${index.toString(16).padStart(12, '0')}`;

/** One that was not made by it is behind all there is. */
const indexOf = (id: string): number =>
  Math.min(Number.parseInt(id.replaceAll('-', '').slice(-12), 16), 2_147_483_647);

function refuseAddress(error: unknown): never {
  if (!(error instanceof OutboundError)) throw error;
  throw new ProblemError('invalid-request', {
    detail: `url ${error.message}.`,
    errors: [{ pointer: '/url', code: error.code, detail: `url ${error.message}` }],
  });
}
