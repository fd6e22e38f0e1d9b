import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import type { AuditEvent, AuditFilter, AuditQuery } from '../audit/audit.types.js';
import type { Page } from '../common/cursor.js';
import { AuditTrailsRepository } from './audit-trails.repository.js';
import type { NamedAuditEvent } from './workspaces.types.js';

/** The trail of a workspace, or of the instance (null), with names that are not on record themselves. */
@Injectable()
export class AuditTrailsService {
  constructor(
    private readonly audit: AuditService,
    private readonly names: AuditTrailsRepository,
  ) {}

  /** The newest event first. @throws ProblemError invalid-request (cursor) */
  async list(workspaceId: string | null, query: AuditQuery): Promise<Page<NamedAuditEvent>> {
    const { items, nextCursor } = await this.audit.list(workspaceId, query);
    return { items: await this.named(workspaceId, items), nextCursor };
  }

  /** All that pass the filter, a few at a time. */
  async export(
    workspaceId: string | null,
    filter: AuditFilter,
  ): Promise<AsyncIterable<NamedAuditEvent[]>> {
    return this.namedBatches(workspaceId, await this.audit.export(workspaceId, filter));
  }

  private async *namedBatches(
    workspaceId: string | null,
    batches: AsyncIterable<AuditEvent[]>,
  ): AsyncGenerator<NamedAuditEvent[]> {
    for await (const batch of batches) yield await this.named(workspaceId, batch);
  }

  private async named(
    workspaceId: string | null,
    events: AuditEvent[],
  ): Promise<NamedAuditEvent[]> {
    const ids = events.flatMap(({ actor }) => actor.id ?? []);
    const unique = [...new Set(ids)];
    const names =
      workspaceId === null
        ? await this.names.findNamesOfUsers(unique)
        : await this.names.findNames(workspaceId, unique);
    return events.map((event) => ({
      ...event,
      actorName: (event.actor.id !== null && names.get(event.actor.id)) || null,
    }));
  }
}
