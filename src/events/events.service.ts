import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { type Page } from '../common/cursor.js';
import { ProblemError } from '../common/problem/problem.error.js';
import { uuidv7 } from '../common/uuid.js';
import { DatabaseService } from '../platform/database/database.service.js';
import { EventsRepository } from './events.repository.js';
import type { EventQuery, NewEvent, WorkspaceEvent } from './events.types.js';

/** How long events can be read and replayed; what they lead to, such as deliveries, lives no longer. */
export const EVENTS_KEPT_MS = 30 * 86_400_000;

/** From 0 on: before the first event. */
const BEGINNING = '0';

/** Keeps what has happened in workspaces, in order, for whoever wants to hear of it later. */
@Injectable()
export class EventsService {
  constructor(
    private readonly events: EventsRepository,
    private readonly database: DatabaseService,
    private readonly clock: Clock,
  ) {}

  /**
   * Writes the events in the current transaction, so that they are there if and only if the change is. They are
   * written when all else in it is done, like those of the audit trail: feeds are locked for a short time, and
   * always in one order. The lock gives them their order, so that whoever reads a feed misses none.
   */
  async record(workspaceId: string, told: NewEvent[]): Promise<void> {
    if (told.length === 0) return;
    const now = this.clock.now();
    const events = told.map((event) => ({ ...event, id: uuidv7(now), occurredAt: new Date(now) }));
    await this.database.beforeCommit(workspaceId, () => this.events.insert(workspaceId, events));
  }

  /**
   * The oldest events behind the one with the id `after`.
   * @throws ProblemError invalid-request, events-gone if the feed does not go back so far any more
   */
  async list(
    workspaceId: string,
    { limit, after, type }: EventQuery,
  ): Promise<Page<WorkspaceEvent>> {
    const place = after === undefined ? BEGINNING : await this.events.findPlace(workspaceId, after);
    if (place === undefined) throw this.unknownEvent(after!);
    // One more than asked for tells whether there is a next page.
    const found = await this.events.findPage(workspaceId, place, limit + 1, type);
    const items = found.slice(0, limit);
    return { items, nextCursor: found.length > limit ? items.at(-1)!.id : null };
  }

  /** Deletes all that was told of a workspace that ends with its only member, when all else is done. */
  async erase(workspaceId: string): Promise<void> {
    await this.database.beforeCommit(workspaceId, () => this.events.erase(workspaceId));
  }

  private unknownEvent(id: string): ProblemError {
    // A UUIDv7 begins with its time.
    const madeAt = Number.parseInt(id.replace('-', '').slice(0, 12), 16);
    const isOld = id[14] === '7' && madeAt <= this.clock.now() - EVENTS_KEPT_MS;
    return new ProblemError(isOld ? 'events-gone' : 'invalid-request', {
      detail: isOld
        ? 'The events behind this one are not kept any more. Read what there is, then go on from the beginning: without after.'
        : 'after must be the id of an event of this workspace.',
      errors: [
        {
          pointer: '?after',
          code: isOld ? 'expired' : 'unknown',
          detail: 'must be the id of an event that is still kept',
        },
      ],
    });
  }
}
