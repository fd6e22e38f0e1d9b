import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { decodeCursor, type Page, pageOf } from '../common/cursor.js';
import { currentRequest } from '../common/request-context.js';
import { uuidv7 } from '../common/uuid.js';
import { DatabaseService } from '../platform/database/database.service.js';
import { subnetOf } from '../platform/http/client-address.js';
import { redactText } from '../platform/observability/redact.js';
import { AuditEventsRepository, chainOf } from './audit-events.repository.js';
import type {
  AuditChanges,
  AuditContext,
  AuditEvent,
  AuditFilter,
  AuditQuery,
  NewAuditEvent,
} from './audit.types.js';

const MAX_USER_AGENT = 200;

/** An event of a link may have two long URLs. */
const EXPORTED_AT_ONCE = 200;

/** Keeps on record what was changed, and by whom. */
@Injectable()
export class AuditService {
  constructor(
    private readonly events: AuditEventsRepository,
    private readonly database: DatabaseService,
    private readonly clock: Clock,
  ) {}

  /**
   * Writes the events in the current transaction, so that they are there if and only if the change is.
   * They are written when all else in it is done: chains are locked for a short time, and always in one
   * order, whichever order they are told in.
   */
  async record(...events: NewAuditEvent[]): Promise<void> {
    const chains = new Map<string, AuditEvent[]>();
    for (const event of events.map((each) => this.complete(each))) {
      const chain = chainOf(event.workspaceId);
      const known = chains.get(chain);
      if (known) known.push(event);
      else chains.set(chain, [event]);
    }
    for (const [chain, ofChain] of chains) {
      await this.database.beforeCommit(chain, () => this.events.insertAll(ofChain));
    }
  }

  /**
   * The trail of a workspace, or of the instance if it is null, the newest event first.
   * @throws ProblemError invalid-request (cursor)
   */
  async list(
    workspaceId: string | null,
    { limit, cursor, ...filter }: AuditQuery,
  ): Promise<Page<AuditEvent>> {
    const beforeId = cursor === undefined ? undefined : decodeCursor(cursor);
    const chain = chainOf(workspaceId);
    // One more than asked for tells whether there is a next page.
    const found = await this.events.findPage(chain, filter, limit + 1, beforeId);
    return pageOf(found, limit, ({ id }) => id);
  }

  /** All of a trail that passes the filter, the newest event first, as many at once as the reader asks for. */
  async export(
    workspaceId: string | null,
    filter: AuditFilter,
  ): Promise<AsyncIterable<AuditEvent[]>> {
    const find = (beforeId?: string) =>
      this.events.findPage(chainOf(workspaceId), filter, EXPORTED_AT_ONCE, beforeId);
    return batches(await find(), find);
  }

  /**
   * The versions of a link that are on record, the newest first, in whichever workspace it was.
   * @throws ProblemError invalid-request (cursor)
   */
  async history(
    linkId: string,
    { limit, cursor }: Pick<AuditQuery, 'limit' | 'cursor'>,
  ): Promise<Page<AuditEvent>> {
    const beforeId = cursor === undefined ? undefined : decodeCursor(cursor);
    const found = await this.events.findHistory(linkId, limit + 1, beforeId);
    return pageOf(found, limit, ({ id }) => id);
  }

  /** Deletes the trail of a workspace that ends, without a trace of what was in it. */
  async erase(workspaceId: string): Promise<void> {
    const chain = chainOf(workspaceId);
    await this.database.beforeCommit(chain, () => this.events.erase(chain));
  }

  private complete({ link, ...event }: NewAuditEvent): AuditEvent {
    const now = this.clock.now();
    return {
      ...event,
      changes: event.changes ?? {},
      outcome: event.outcome ?? 'success',
      id: uuidv7(now),
      occurredAt: new Date(now),
      workspaceId: event.workspaceId?.toLowerCase() ?? null,
      actor: event.actor ?? currentRequest()?.actor ?? { type: 'system', id: null },
      context: contextOfRequest(),
      linkId: link?.id ?? null,
      linkVersion: link?.version ?? null,
    };
  }
}

async function* batches(
  first: AuditEvent[],
  find: (beforeId?: string) => Promise<AuditEvent[]>,
): AsyncGenerator<AuditEvent[]> {
  let batch = first;
  while (batch.length > 0) {
    yield batch;
    if (batch.length < EXPORTED_AT_ONCE) return;
    batch = await find(batch.at(-1)!.id);
  }
}

/** Clients choose their names, and the id of a request: a secret that gets into them is none of ours to keep. */
function contextOfRequest(): AuditContext {
  const { requestId, client } = currentRequest() ?? {};
  const { address = '', userAgent = '' } = client?.() ?? {};
  const name = redactText(userAgent.slice(0, 5 * MAX_USER_AGENT)).slice(0, MAX_USER_AGENT);
  return {
    requestId: requestId === undefined ? null : redactText(requestId),
    address: subnetOf(address) ?? null,
    userAgent: name || null,
  };
}

/**
 * What differs between two states of a thing, of the fields that `after` has.
 * @param before nothing if the thing is new
 */
export function changesOf<T extends object>(before: Partial<T>, after: Partial<T>): AuditChanges {
  const changes: AuditChanges = {};
  for (const [field, to] of Object.entries(after)) {
    const from: unknown = before[field as keyof T] ?? null;
    if (!isSame(from, to ?? null)) changes[field] = { from, to: to ?? null };
  }
  return changes;
}

/** As JSON; the database has the members of objects in an order of its own. */
function isSame(a: unknown, b: unknown): boolean {
  const [one, other] = [JSON.stringify(a), JSON.stringify(b)];
  return one === other || isDeepStrictEqual(JSON.parse(one), JSON.parse(other));
}
