import { ProblemError } from '../common/problem/problem.error.js';
import type { DatabaseService } from '../platform/database/database.service.js';
import { type LinkChangesService, type LockedChange, RESTORED } from './link-changes.service.js';
import type { LinkEntity } from './link.entity.js';
import type { LinkFactory } from './link.factory.js';
import type { LinkPlaces } from './link-places.js';
import {
  codeFixed,
  codeTaken,
  domainFixed,
  externalIdTaken,
  linkExists,
  linkIsAbsent,
  linkLimitReached,
  linkNotFound,
  preconditionFailed,
  refusalOf,
  workspaceGone,
} from './links.problems.js';
import type { LinksRepository } from './links.repository.js';
import {
  externalIdOf,
  externalKey,
  idOf,
  inputOf,
  keysOf,
  type PreparedOperation,
} from './prepared-operation.js';

/** How often a generated code may turn out to be taken before something must be wrong. */
const MAX_ATTEMPTS = 20;

/** What has become of an operation. */
export type Outcome = { status: 200 | 201; link: LinkEntity } | { status: 204 } | ProblemError;

/** What an operation writes. */
type Write = { prepared: PreparedOperation } & (
  { add: LinkEntity; change?: undefined } | { add?: undefined; change: LockedChange }
);

/**
 * Does many operations in the surrounding transaction with a few statements, as if they came one after the
 * other. It takes as many of them at once as have nothing to do with one another: no link, code or external id
 * twice, and no more links than a workspace has room for. All links that are there are locked at the beginning,
 * so it is known from then on what they are.
 */
export class LinkBatchRunner {
  private readonly locked = new Map<string, LinkEntity>();
  private readonly byExternalId = new Map<string, LinkEntity>();
  private readonly room = new Map<string, number>();
  private readonly outcomes = new Map<number, Outcome>();
  private readonly attempts = new Map<number, number>();

  /** @param limit how many links a workspace may have; 0 is no limit */
  constructor(
    private readonly repository: LinksRepository,
    private readonly changes: LinkChangesService,
    private readonly factory: LinkFactory,
    private readonly database: DatabaseService,
    private readonly places: LinkPlaces,
    private readonly limit: number,
  ) {}

  /** What has become of each, by its index. */
  async run(operations: PreparedOperation[]): Promise<Map<number, Outcome>> {
    await this.lock(operations);
    let rest = operations;
    while (rest.length > 0) {
      const { writes, later } = await this.take(rest);
      const again = await this.write(writes);
      rest = [...again.toSorted((a, b) => a.index - b.index), ...later];
    }
    return this.outcomes;
  }

  /** Workspaces first and links second, each in one order, so that nobody waits in a circle. */
  private async lock(operations: PreparedOperation[]): Promise<void> {
    const ids = operations.flatMap(({ operation }) => idOf(operation) ?? []);
    const readable = [...this.places.readable];
    const ofLinks = ids.length > 0 ? await this.repository.workspacesOf(ids, readable) : [];
    const places = operations.flatMap(({ namedIn, target }) => [namedIn, target]);
    const workspaceIds = [...new Set([...ofLinks, ...places.filter((id) => id !== undefined)])];
    for (const id of await this.repository.lockWorkspaces(workspaceIds)) {
      const links = this.limit > 0 ? await this.repository.countOf(id) : 0;
      this.room.set(id, (this.limit || Infinity) - links);
    }
    const named = operations.filter(({ namedIn }) => namedIn !== undefined);
    const externalIds = named.flatMap(({ operation }) => externalIdOf(operation) ?? []);
    await this.learn(ids, named[0]?.namedIn, externalIds);
  }

  private async learn(ids: string[], workspaceId?: string, externalIds: string[] = []) {
    if (ids.length + externalIds.length === 0) return;
    const readable = [...this.places.readable];
    const names = { workspaceId, externalIds };
    for (const link of await this.repository.lockAll(readable, ids, names)) this.keep(link);
  }

  /** As many as have nothing to do with one another; those that need no writing are done. */
  private async take(
    operations: PreparedOperation[],
  ): Promise<{ writes: Write[]; later: PreparedOperation[] }> {
    const writes: Write[] = [];
    const touched = new Set<string>();
    const added = new Map<string, number>();
    for (const [at, prepared] of operations.entries()) {
      const link = this.find(prepared);
      const keys = keysOf(prepared, link);
      if (keys.some((key) => touched.has(key))) return { writes, later: operations.slice(at) };
      const write = await this.decide(prepared, link).catch(unlessRefused);
      if (write instanceof ProblemError) {
        this.outcomes.set(prepared.index, write);
        continue;
      }
      const target = write.add?.workspaceId ?? write.change?.columns.workspaceId;
      if (target !== undefined) {
        const more = added.get(target) ?? 0;
        if (this.room.get(target)! <= more) {
          // Those before it may turn out to need no room.
          if (more > 0) return { writes, later: operations.slice(at) };
          this.outcomes.set(prepared.index, linkLimitReached(this.limit));
          continue;
        }
        added.set(target, more + 1);
      }
      for (const key of keys) touched.add(key);
      writes.push(write);
    }
    return { writes, later: [] };
  }

  /** @throws ProblemError */
  private async decide(prepared: PreparedOperation, link?: LinkEntity): Promise<Write> {
    const { operation, target, fresh, columns } = prepared;
    const { versions, mustExist, mustBeNew } = operation;
    if (target !== undefined && !this.room.has(target)) throw workspaceGone();
    if (operation.op === 'create') return { prepared, add: fresh! };
    if (!link) {
      if (operation.op !== 'upsert') throw linkNotFound();
      if (mustExist || versions) throw linkIsAbsent();
      return { prepared, add: fresh! };
    }
    if (mustBeNew) throw linkExists();
    await this.places.writable(link.workspaceId);
    if (versions && !versions.includes(link.version)) throw preconditionFailed();
    if (operation.op === 'upsert') {
      const { code = link.code } = operation.link;
      if (code !== link.code) throw codeFixed(link.code);
      if (operation.link.domain != null && fresh!.domain !== link.domain) throw domainFixed();
      const replaced = { ...asIn(fresh!), ...columns };
      return { prepared, change: { action: 'link.updated', before: link, columns: replaced } };
    }
    if (operation.op === 'delete') {
      return { prepared, change: { action: 'link.deleted', before: link, columns: columns! } };
    }
    const isMoved = target !== undefined && target !== link.workspaceId;
    const action = isMoved ? 'link.moved' : 'link.updated';
    const moved = isMoved && { workspaceId: target };
    return { prepared, change: { action, before: link, columns: { ...columns, ...moved } } };
  }

  /** Returns those that have to be tried again. */
  private async write(writes: Write[]): Promise<PreparedOperation[]> {
    if (writes.length === 0) return [];
    try {
      const [added, after] = await this.database.transaction(async () => [
        await this.changes.addAll(writes.flatMap(({ add }) => add ?? [])),
        await this.changes.changeAll(writes.flatMap(({ change }) => change ?? [])),
      ]);
      return await this.conclude(writes, added, after);
    } catch (error) {
      const [first] = writes;
      const refusal = refusalOf(error, inputOf(first!.prepared.operation));
      if (!refusal) throw error;
      // Nothing was written: what is to blame is found in one of the halves.
      const middle = Math.ceil(writes.length / 2);
      if (writes.length > 1) {
        const again = await this.write(writes.slice(0, middle));
        return [...again, ...(await this.write(writes.slice(middle)))];
      }
      this.outcomes.set(first!.prepared.index, refusal);
      return [];
    }
  }

  private async conclude(
    writes: Write[],
    added: Set<string>,
    after: LinkEntity[],
  ): Promise<PreparedOperation[]> {
    const refused: PreparedOperation[] = [];
    const changed = after.values();
    for (const { prepared, add, change } of writes) {
      if (change) {
        this.replace(change.before, changed.next().value!, prepared.index);
      } else if (added.has(add.id)) {
        if (inputOf(prepared.operation).code === undefined) this.factory.reportAttempt(false);
        this.keep(add);
        this.useRoom(add.workspaceId, 1);
        this.outcomes.set(prepared.index, { status: 201, link: add });
      } else {
        refused.push(prepared);
      }
    }
    return this.blame(refused);
  }

  private replace(before: LinkEntity, link: LinkEntity, index: number): void {
    this.locked.delete(before.id);
    if (before.externalId !== null) {
      this.byExternalId.delete(externalKey(before.workspaceId, before.externalId));
    }
    if (link.workspaceId !== before.workspaceId) {
      this.useRoom(before.workspaceId, -1);
      this.useRoom(link.workspaceId, 1);
    }
    if (!link.deletedAt) this.keep(link);
    this.outcomes.set(index, link.deletedAt ? { status: 204 } : { status: 200, link });
  }

  /** Finds out why these links were not added, and returns those that may be tried again. */
  private async blame(refused: PreparedOperation[]): Promise<PreparedOperation[]> {
    const again: PreparedOperation[] = [];
    for (const workspaceId of new Set(refused.map(({ fresh }) => fresh!.workspaceId))) {
      const there = refused.filter(({ fresh }) => fresh!.workspaceId === workspaceId);
      const externalIds = there.flatMap(({ fresh }) => fresh!.externalId ?? []);
      await this.learn([], workspaceId, externalIds);
    }
    for (const prepared of refused) {
      const { index, operation, fresh } = prepared;
      const { workspaceId, externalId } = fresh!;
      const { code } = inputOf(operation);
      const isKnown =
        externalId !== null && this.byExternalId.has(externalKey(workspaceId, externalId));
      if (isKnown && operation.op === 'upsert') again.push(prepared);
      else if (isKnown) this.outcomes.set(index, externalIdTaken('/externalId'));
      else if (code !== undefined) this.outcomes.set(index, codeTaken(code));
      else {
        this.recode(prepared);
        again.push(prepared);
      }
    }
    return again;
  }

  private recode({ index, fresh }: PreparedOperation): void {
    const attempt = (this.attempts.get(index) ?? 1) + 1;
    if (attempt > MAX_ATTEMPTS) throw new Error(`No free short code in ${MAX_ATTEMPTS} attempts.`);
    this.attempts.set(index, attempt);
    this.factory.reportAttempt(true);
    this.factory.recode(fresh!);
  }

  private find({ operation, namedIn }: PreparedOperation): LinkEntity | undefined {
    const id = idOf(operation);
    if (id !== undefined) return this.locked.get(id);
    const externalId = externalIdOf(operation);
    if (externalId === undefined || namedIn === undefined) return undefined;
    return this.byExternalId.get(externalKey(namedIn, externalId));
  }

  private keep(link: LinkEntity): void {
    this.locked.set(link.id, link);
    const { workspaceId, externalId } = link;
    if (externalId !== null) this.byExternalId.set(externalKey(workspaceId, externalId), link);
  }

  private useRoom(workspaceId: string, links: number): void {
    const room = this.room.get(workspaceId);
    if (room !== undefined) this.room.set(workspaceId, room - links);
  }
}

/** All that users can set, as it is in the other link. */
const asIn = (link: LinkEntity): Partial<LinkEntity> => ({
  ...Object.fromEntries(RESTORED.map((field) => [field, link[field]])),
  updatedAt: link.updatedAt,
});

function unlessRefused(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  throw error;
}
