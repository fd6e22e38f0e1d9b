import { Injectable } from '@nestjs/common';
import { AuditService, changesOf } from '../audit/audit.service.js';
import type { AuditEvent } from '../audit/audit.types.js';
import type { Page } from '../common/cursor.js';
import { EventsService } from '../events/events.service.js';
import type { EventType, NewEvent } from '../events/events.types.js';
import { DatabaseService } from '../platform/database/database.service.js';
import { LinkEntity } from './link.entity.js';
import { versionUnknown } from './links.problems.js';
import { LinksRepository } from './links.repository.js';
import type { Link } from './links.types.js';

/** What users can change of a link, and get back from an older version. */
const RESTORED = [
  'url',
  'title',
  'tags',
  'redirectStatus',
  'startsAt',
  'expiresAt',
  'maxClicks',
] as const;

/** What the trail tells of a link. */
const RECORDED = [
  ...RESTORED,
  'workspaceId',
  'code',
  'deletedAt',
  'disabledAt',
  'disabledReason',
] as const;

/** Transfers in a row that a history is followed through. */
const MAX_TRANSFERS = 20;

type LinkState = Pick<LinkEntity, (typeof RECORDED)[number]>;
export type RestoredState = Pick<LinkEntity, (typeof RESTORED)[number]>;
type Columns = Partial<LinkState> & Pick<Partial<LinkEntity>, 'updatedAt' | 'disabledBy'>;

/** A change as the feed of its workspace tells it. */
export interface ToldChange {
  type: EventType;
  /** As it is now. */
  link: LinkEntity;
  /** The names of the fields that were changed. */
  changed: string[];
  /** The workspace that is told, if not that of the link. */
  to?: string;
}

/** What actions are called in feeds; all others change a link. */
const EVENT_TYPES: Partial<Record<string, EventType>> = {
  'link.created': 'link.created',
  'link.deleted': 'link.deleted',
};

export interface ChangeOptions {
  /** The versions that the change is meant for; any, if undefined. */
  versions?: number[];
  /** The workspace that the link moves to, and how many links it may have; 0 is no limit. */
  move?: { to: string; limit: number };
  /** Whether it is for deleted links as well. */
  isForDeleted?: boolean;
}

/** Writes links, and with every change of one what was changed, in the same transaction. */
@Injectable()
export class LinkChangesService {
  /** How a link is shown; LinksService says it. */
  present: (link: LinkEntity) => Link;

  constructor(
    private readonly links: LinksRepository,
    private readonly audit: AuditService,
    private readonly database: DatabaseService,
    private readonly events: EventsService,
  ) {}

  /**
   * Adds the link if its code is free, and tells whether it did.
   * @param limit how many links its workspace may have; 0 is no limit
   * @throws InvalidValidity, TooManyLinks, WorkspaceGone
   */
  add(limit: number, link: LinkEntity): Promise<boolean> {
    return this.database.transaction(async () => {
      if (!(await this.links.insertWithin(limit, link))) return false;
      await this.record('link.created', link, link.version, changesOf({}, recorded(link)));
      await this.tell([{ type: 'link.created', link, changed: [] }]);
      return true;
    });
  }

  /**
   * Changes the link if it is still in its workspace and has one of the versions, and tells whether it did.
   * @param columnsOf what to change, of the link as it is now
   * @throws InvalidValidity, TooManyLinks, WorkspaceGone
   */
  change(
    action: string,
    link: Pick<LinkEntity, 'id' | 'workspaceId'>,
    columnsOf: (link: LinkEntity) => Promise<Columns> | Columns,
    { versions, move, isForDeleted = false }: ChangeOptions = {},
  ): Promise<boolean> {
    return this.database.transaction(async () => {
      // Workspaces first and links second, as in a transfer of all: so they never wait for each other.
      if (move) await this.links.insistOnRoom(move.limit, move.to);
      const before = await this.links.lock(link);
      if (!before || (before.deletedAt && !isForDeleted)) return false;
      if (versions && !versions.includes(before.version)) return false;
      const columns = await columnsOf(before);
      await this.write(action, before, { ...columns, ...(move && { workspaceId: move.to }) });
      return true;
    });
  }

  /** Changes the link of any workspace, also a deleted one. */
  changeByCode(action: string, code: string, columns: Columns): Promise<void> {
    return this.database.transaction(async () => {
      const before = await this.links.lockByCode(code);
      if (before) await this.write(action, before, columns);
    });
  }

  /**
   * What users had made of the link in that version: all that was changed since is taken back.
   * @throws ProblemError version-unknown if it never was, or if not all of that is known any more
   */
  async stateAt(link: LinkEntity, version: number): Promise<RestoredState> {
    if (version > link.version) throw versionUnknown();
    const state: Record<string, unknown> = Object.fromEntries(
      RESTORED.map((field) => [field, link[field]]),
    );
    for await (const { changes } of this.since(link, version)) {
      for (const field of RESTORED) if (changes[field]) state[field] = changes[field].from;
    }
    return {
      ...(state as unknown as RestoredState),
      startsAt: toDate(state['startsAt']),
      expiresAt: toDate(state['expiresAt']),
    };
  }

  /** All links of a workspace have moved to another one. */
  async recordTransfer(from: string, to: string): Promise<void> {
    const told = {
      action: 'links.transferred',
      targets: [
        { type: 'workspace', id: from },
        { type: 'workspace', id: to },
      ],
      changes: { workspaceId: { from, to } },
    };
    await this.audit.record({ ...told, workspaceId: from }, { ...told, workspaceId: to });
    // They may be millions: whoever keeps a copy asks for them.
    await this.events.record(to, [{ type: 'links.transferred', data: { from } }]);
  }

  /** Tells the feeds of workspaces, in the current transaction, what has become of links. */
  async tell(changes: ToldChange[]): Promise<void> {
    const told = new Map<string, NewEvent[]>();
    for (const { type, link, changed, to = link.workspaceId } of changes) {
      const { clicks: _, version, ...shown } = this.present(link);
      const events = told.get(to) ?? [];
      events.push({ type, data: { link: shown, version, changed } });
      told.set(to, events);
    }
    for (const [workspaceId, events] of told) await this.events.record(workspaceId, events);
  }

  /** Workspaces have ended with all of their links: what was known of them goes, too. */
  async recordRetirement(workspaceIds: string[], links: number): Promise<void> {
    for (const id of workspaceIds) {
      await this.audit.erase(id);
      await this.events.erase(id);
    }
    if (links === 0) return;
    await this.audit.record({
      workspaceId: null,
      action: 'links.retired',
      targets: workspaceIds.map((id) => ({ type: 'workspace', id })),
      changes: { links: { from: links, to: 0 } },
    });
  }

  /** The changes since that version, the newest first, without a gap. */
  private async *since(link: LinkEntity, version: number): AsyncGenerator<AuditEvent> {
    let next = link.version;
    let place = link.workspaceId;
    let cursor: string | null | undefined;
    while (next > version) {
      if (cursor === null) throw versionUnknown();
      const page: Page<AuditEvent> = await this.audit.history(link.id, { limit: 200, cursor });
      for (const event of page.items) {
        const missing = next - event.linkVersion!;
        if (missing !== 0 && missing !== (await this.transfers(event.workspaceId!, place))) {
          throw versionUnknown();
        }
        next = event.linkVersion!;
        if (next <= version) return;
        yield event;
        next -= 1;
        if (next === version) return;
        place = (event.changes['workspaceId']?.from as string | null) ?? event.workspaceId!;
      }
      cursor = page.nextCursor;
    }
  }

  /**
   * How many transfers of whole workspaces, each of which made a version of all of their links, lead from
   * one workspace to the other; undefined if none do. A workspace ends with its transfer.
   */
  private async transfers(from: string, to: string): Promise<number | undefined> {
    let place = from;
    for (let steps = 0; steps <= MAX_TRANSFERS; steps += 1) {
      if (place === to) return steps;
      const query = { action: 'links.transferred', targetId: place, limit: 1 };
      const [event] = (await this.audit.list(place, query)).items;
      const moved = event?.changes['workspaceId'];
      if (moved?.from !== place) return undefined;
      place = moved.to as string;
    }
    return undefined;
  }

  private async write(action: string, before: LinkEntity, columns: Columns): Promise<void> {
    await this.links.update(before.id, columns);
    const old = recorded(before);
    const given = Object.entries(columns).filter(([, value]) => value !== undefined);
    const now = { ...old, ...(Object.fromEntries(given) as Columns) };
    const changes = changesOf(old, recorded(now));
    const { id, version } = before;
    const { workspaceId } = now;
    await this.record(action, { id, workspaceId }, version + 1, changes);
    const after = Object.assign(new LinkEntity(), before, now, { version: version + 1 });
    const type = EVENT_TYPES[action] ?? 'link.updated';
    await this.tell([{ type, link: after, changed: Object.keys(changes) }]);
    // Where it has gone from they see it, too; it is in its history once.
    if (workspaceId !== before.workspaceId) {
      await this.record(action, before, undefined, { workspaceId: changes['workspaceId']! });
      // As they have known it, and where it is now.
      const left = Object.assign(new LinkEntity(), before, { workspaceId });
      const to = before.workspaceId;
      await this.tell([{ type: 'link.updated', link: left, changed: ['workspaceId'], to }]);
    }
  }

  private async record(
    action: string,
    { id, workspaceId }: Pick<LinkEntity, 'id' | 'workspaceId'>,
    version: number | undefined,
    changes: AuditEvent['changes'],
  ): Promise<void> {
    await this.audit.record({
      workspaceId,
      action,
      targets: [{ type: 'link', id }],
      changes,
      link: version === undefined ? undefined : { id, version },
    });
  }
}

const recorded = (link: LinkState): LinkState =>
  Object.fromEntries(RECORDED.map((field) => [field, link[field]])) as unknown as LinkState;

const toDate = (time: unknown): Date | null => (time === null ? null : new Date(time as string));
