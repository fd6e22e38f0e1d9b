import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { DatabaseConfig } from '../../config/database.config.js';
import { LinksConfig } from '../../config/links.config.js';
import { Clock } from '../common/clock.js';
import { invalidFields } from '../common/problem/invalid-fields.js';
import { ProblemError } from '../common/problem/problem.error.js';
import { Semaphore } from '../common/semaphore.js';
import { isDeadlock } from '../platform/database/deadlock.js';
import { databaseUnavailable, DatabaseService } from '../platform/database/database.service.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import { BlockedHostsService } from './blocked-hosts.service.js';
import { batchRefused, locatedIn } from './link-batches.problems.js';
import { LinkBatchRunner, type Outcome } from './link-batch.runner.js';
import { LinkChangesService } from './link-changes.service.js';
import { LinkPasswordsService } from './link-passwords.service.js';
import { LinkFactory } from './link.factory.js';
import { LinkPlaces } from './link-places.js';
import { linkNotFound } from './links.problems.js';
import { LinkPresenter } from './link.presenter.js';
import { LinksRepository } from './links.repository.js';
import type { Link, LinkBatch, LinkOperation, OperationResult } from './links.types.js';
import { inputOf, type PreparedOperation } from './prepared-operation.js';

/** How long a batch waits for others. */
const WAIT_MS = 10_000;

/** Each takes a good part of a second of a core. */
const MAX_PASSWORDS = 10;

/** So few that what waits for the event loop does not wait long. */
const PREPARED_AT_ONCE = 50;

/** Others who want the same codes in another order may be in the way, until they are done. */
const MAX_ATTEMPTS = 5;
const PAUSE_MS = 100;

/** Many changes of links at once, each with the outcome that it would have by itself. */
@Injectable()
export class LinkBatchesService {
  private readonly turns: Semaphore;

  constructor(
    private readonly presenter: LinkPresenter,
    private readonly repository: LinksRepository,
    private readonly changes: LinkChangesService,
    private readonly factory: LinkFactory,
    private readonly blockedHosts: BlockedHostsService,
    private readonly passwords: LinkPasswordsService,
    private readonly workspaces: WorkspacesService,
    private readonly database: DatabaseService,
    private readonly clock: Clock,
    private readonly config: LinksConfig,
    { poolSize }: DatabaseConfig,
  ) {
    // Each holds a connection for long: that must not starve the others.
    this.turns = new Semaphore(Math.max(1, Math.floor(poolSize / 4)));
  }

  /**
   * Does the operations, as if they came one after the other; problems point into the batch.
   * @throws ProblemError batch-refused if all was to be done or nothing, forbidden, not-found (workspace)
   */
  async run(userId: string, batch: LinkBatch): Promise<OperationResult[]> {
    const release = await this.turns.acquire(WAIT_MS);
    if (!release) throw databaseUnavailable();
    try {
      return await this.attempt(userId, batch, '/workspaceId', (outcomes) => {
        const located = outcomes.map((outcome, index) =>
          outcome instanceof ProblemError
            ? locatedIn(batch.operations[index]!, index, outcome)
            : outcome,
        );
        if (batch.atomic && located.some((outcome) => outcome instanceof ProblemError)) {
          throw batchRefused(located);
        }
        return located;
      });
    } finally {
      release();
    }
  }

  /**
   * Makes the link with this external id, or replaces it, and tells which.
   * @throws ProblemError invalid-request, forbidden, not-found (workspace), code-taken, code-fixed,
   *   link-limit-reached, precondition-failed
   */
  async upsert(
    userId: string,
    workspaceId: string | undefined,
    operation: LinkOperation,
  ): Promise<{ link: Link; isNew: boolean }> {
    const batch = { workspaceId, operations: [operation], atomic: true };
    const [result] = await this.attempt(userId, batch, '?workspaceId', (outcomes) => {
      const [outcome] = outcomes;
      if (outcome instanceof ProblemError) throw outcome;
      return outcomes;
    });
    return { link: (result as { link: Link }).link, isNew: result!.status === 201 };
  }

  /** @param settle looks at the outcomes while all of it can still be undone, by throwing */
  private async attempt(
    userId: string,
    { operations, workspaceId }: LinkBatch,
    pointer: string,
    settle: (outcomes: Outcome[]) => Outcome[],
  ): Promise<OperationResult[]> {
    const places = await LinkPlaces.of(userId, this.workspaces);
    if (workspaceId !== undefined) await places.writable(workspaceId, pointer);
    const outcomes = new Map<number, Outcome>();
    const prepared: PreparedOperation[] = [];
    for (const [index, operation] of operations.entries()) {
      if (index % PREPARED_AT_ONCE === PREPARED_AT_ONCE - 1) await nextTurn();
      const result = await this.prepare(index, operation, places, workspaceId).catch(unlessRefused);
      if (result instanceof ProblemError) outcomes.set(index, result);
      else prepared.push(result);
    }
    const unblocked = await this.refuseBlocked(prepared, outcomes);
    const allowed = await this.setPasswords(unblocked, outcomes);
    const settled = await this.retry(() =>
      this.database.transaction(async () => {
        const limit = this.config.maxLinksPerWorkspace;
        const { repository, changes, factory, database } = this;
        const runner = new LinkBatchRunner(repository, changes, factory, database, places, limit);
        const done = await runner.run(allowed);
        return settle(operations.map((_, index) => (done.get(index) ?? outcomes.get(index))!));
      }),
    );
    return this.present(settled);
  }

  /** @throws ProblemError database-unavailable if it comes to a deadlock again and again */
  private async retry<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        if (!isDeadlock(error)) throw error;
      }
      await sleep(PAUSE_MS * attempt * (1 + Math.random()));
    }
    throw databaseUnavailable();
  }

  /** @throws ProblemError */
  private async prepare(
    index: number,
    operation: LinkOperation | ProblemError,
    places: LinkPlaces,
    workspaceId?: string,
  ): Promise<PreparedOperation> {
    if (operation instanceof ProblemError) throw operation;
    if (operation.op === 'create' || operation.op === 'upsert') {
      const isUpsert = operation.op === 'upsert';
      const input = isUpsert
        ? { ...operation.link, externalId: operation.externalId }
        : operation.link;
      const place = await places.writable(input.workspaceId ?? workspaceId);
      const target = place.workspaceId;
      const fresh = this.factory.create(input, target, place.userId);
      return { index, operation, target, fresh, ...(isUpsert && { namedIn: target }) };
    }
    if (operation.id !== undefined && !isUUID(operation.id)) throw linkNotFound();
    const isNamed = operation.externalId !== undefined;
    const namedIn = isNamed ? (await places.writable(workspaceId)).workspaceId : undefined;
    if (operation.op === 'delete') {
      return { index, operation, namedIn, columns: { deletedAt: new Date(this.clock.now()) } };
    }
    const { workspaceId: to, password: _, ...changes } = operation.changes;
    const columns = this.factory.changes(changes);
    const target = to === undefined ? undefined : (await places.writable(to)).workspaceId;
    return { index, operation, namedIn, target, columns };
  }

  /** Asks for all targets at once, and returns the operations that are left. */
  private async refuseBlocked(
    prepared: PreparedOperation[],
    outcomes: Map<number, Outcome>,
  ): Promise<PreparedOperation[]> {
    const blocked = await this.blockedHosts.findBlocked(
      prepared.map(({ fresh, columns }) => fresh ?? columns ?? {}),
    );
    return prepared.filter(({ index }, at) => {
      const errors = blocked[at]!;
      if (errors.length > 0) outcomes.set(index, invalidFields(errors));
      return errors.length === 0;
    });
  }

  /** Hashes the passwords of links, when all else that can be known before is known to be right. */
  private async setPasswords(
    prepared: PreparedOperation[],
    outcomes: Map<number, Outcome>,
  ): Promise<PreparedOperation[]> {
    const left: PreparedOperation[] = [];
    let hashed = 0;
    for (const operation of prepared) {
      const { password } = inputOf(operation.operation);
      if (typeof password === 'string') hashed += 1;
      if (typeof password === 'string' && hashed > MAX_PASSWORDS) {
        outcomes.set(operation.index, tooManyPasswords());
        continue;
      }
      const secret = await this.passwords.columnsOf(password);
      Object.assign(operation.fresh ?? {}, secret);
      left.push({ ...operation, columns: { ...operation.columns, ...secret } });
    }
    return left;
  }

  private async present(outcomes: Outcome[]): Promise<OperationResult[]> {
    const changed = outcomes.flatMap((outcome) =>
      'link' in outcome && outcome.status === 200 ? outcome.link.id : [],
    );
    const clicks = changed.length > 0 ? await this.repository.clicksOf(changed) : new Map();
    return outcomes.map((outcome) => {
      if (outcome instanceof ProblemError) return { status: outcome.status, problem: outcome };
      if (!('link' in outcome)) return outcome;
      const { status, link } = outcome;
      const known = status === 200 ? ((clicks.get(link.id) as number | undefined) ?? 0) : 0;
      return { status, link: this.presenter.present({ link, clicks: known }) };
    });
  }
}

function unlessRefused(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  throw error;
}

const tooManyPasswords = (): ProblemError =>
  invalidFields([
    {
      pointer: '/password',
      code: 'too-many',
      detail: `must be absent: a batch sets the passwords of at most ${MAX_PASSWORDS} links`,
    },
  ]);
