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
import { LinkPresenter } from './link.presenter.js';
import type { LinkName } from './links.types.js';

/** What users can change of a link, and get back from an older version. */
export const RESTORED = [
  'externalId',
  'url',
  'title',
  'tags',
  'redirectStatus',
  'startsAt',
  'expiresAt',
  'maxClicks',
  'disabled',
  'note',
  'fallbackUrl',
  'forwardQuery',
  'forwardPath',
  'trackClicks',
  'rules',
  'split',
] as const;

/**
 * What the trail tells of a link. Of a password it tells when it was set, never what it is: so an older one
 * cannot come back, and whoever restores a link keeps the one that it has.
 */
const RECORDED = [
  ...RESTORED,
  'workspaceId',
  'domain',
  'code',
  'importedClicks',
  'deletedAt',
  'disabledAt',
  'disabledReason',
  'passwordSetAt',
] as const;

/** Transfers in a row that a history is followed through. */
const MAX_TRANSFERS = 20;

type LinkState = Pick<LinkEntity, (typeof RECORDED)[number]>;
export type RestoredState = Pick<LinkEntity, (typeof RESTORED)[number]>;
type Columns = Partial<LinkState> &
  Pick<Partial<LinkEntity>, 'updatedAt' | 'disabledBy' | 'passwordHash'>;

/** A change of a link that is locked. */
export interface LockedChange {
  action: string;
  before: LinkEntity;
  columns: Columns;
}

/** What is told of a change, to whoever wants to know of changes. */
interface RecordedChange {
  action: string;
  /** Where it is told. */
  workspaceId: string;
  link: LinkEntity;
  /** The version that it made; undefined in the workspace that the link has left. */
  version: number | undefined;
  changes: AuditEvent['changes'];
}

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
  constructor(
    private readonly links: LinksRepository,
    private readonly audit: AuditService,
    private readonly database: DatabaseService,
    private readonly events: EventsService,
    private readonly presenter: LinkPresenter,
  ) {}

  /**
   * Adds the link if its code and its external id are free, and tells whether it did.
   * @param limit how many links its workspace may have; 0 is no limit
   * @throws InvalidValidity, TooManyLinks, WorkspaceGone, DomainElsewhere
   */
  add(limit: number, link: LinkEntity): Promise<boolean> {
    return this.database.transaction(async () => {
      if (limit > 0) await this.links.insistOnRoom(limit, link.workspaceId);
      return (await this.addAll([link])).has(link.id);
    });
  }

  /**
   * Adds the links whose code and external id are free, and returns their ids. Call it in a transaction that
   * has seen to how many links their workspaces may have.
   * @throws InvalidValidity, WorkspaceGone
   */
  async addAll(links: LinkEntity[]): Promise<Set<string>> {
    const added = await this.links.insertUnlessTaken(links);
    await this.record(
      links
        .filter(({ id }) => added.has(id))
        .map((link) => ({
          action: 'link.created',
          workspaceId: link.workspaceId,
          link,
          version: link.version,
          changes: changesOf({}, recorded(link)),
        })),
    );
    return added;
  }

  /**
   * Changes the link if it is still in its workspace and has one of the versions, and tells whether it did.
   * @param columnsOf what to change, of the link as it is now
   * @throws InvalidValidity, ExternalIdTaken, TooManyLinks, WorkspaceGone, DomainElsewhere
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
      const moved = move && { workspaceId: move.to };
      await this.changeAll([{ action, before, columns: { ...columns, ...moved } }]);
      return true;
    });
  }

  /**
   * Makes changes of different links, and returns what the links have become. Call it in the transaction that
   * has locked them.
   * @throws InvalidValidity, ExternalIdTaken, WorkspaceGone, DomainElsewhere
   */
  async changeAll(changes: LockedChange[]): Promise<LinkEntity[]> {
    const fields = new Set<string>();
    const after = changes.map(({ before, columns }) => {
      const given = Object.entries(columns).filter(([, value]) => value !== undefined);
      for (const [field] of given) fields.add(field);
      return Object.assign(new LinkEntity(), before, Object.fromEntries(given));
    });
    await this.links.updateAll(after, fields);
    for (const link of after) link.version += 1;
    await this.record(changes.flatMap((change, index) => recordedOf(change, after[index]!)));
    return after;
  }

  /** Changes the link of any workspace, also a deleted one. */
  changeByCode(action: string, name: LinkName, columns: Columns): Promise<void> {
    return this.database.transaction(async () => {
      const before = await this.links.lockByCode(name);
      if (before) await this.changeAll([{ action, before, columns }]);
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
      const { clicks: _, version, ...shown } = this.presenter.present({ link, clicks: 0 });
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

  /** The one place that every change of single links is told to: the trail first, and then the feeds. */
  private async record(changes: RecordedChange[]): Promise<void> {
    await this.audit.record(
      ...changes.map(({ action, workspaceId, link: { id }, version, changes: fields }) => ({
        workspaceId,
        action,
        targets: [{ type: 'link', id }],
        changes: fields,
        link: version === undefined ? undefined : { id, version },
      })),
    );
    await this.tell(
      changes.map(({ action, workspaceId, link, version, changes: fields }) => {
        const type = version === undefined ? undefined : EVENT_TYPES[action];
        const changed = type === 'link.created' ? [] : Object.keys(fields);
        return { type: type ?? 'link.updated', link, changed, to: workspaceId };
      }),
    );
  }
}

function recordedOf({ action, before }: LockedChange, after: LinkEntity): RecordedChange[] {
  const changes = changesOf(recorded(before), recorded(after));
  const { workspaceId, version } = after;
  const told = [{ action, workspaceId, link: after, version, changes }];
  if (workspaceId === before.workspaceId) return told;
  // Where it has gone from they see it, too, as they have known it; it is in its history once.
  const left = {
    workspaceId: before.workspaceId,
    link: Object.assign(new LinkEntity(), before, { workspaceId }),
    version: undefined,
    changes: { workspaceId: changes['workspaceId']! },
  };
  return [...told, { action, ...left }];
}

/** What goes without saying: the default domain, and no clicks from elsewhere. */
const UNSAID = new Set<string>(['domain', 'importedClicks']);

const recorded = (link: LinkState): LinkState =>
  Object.fromEntries(
    RECORDED.map((field) => [field, UNSAID.has(field) ? link[field] || null : link[field]]),
  ) as unknown as LinkState;

const toDate = (time: unknown): Date | null => (time === null ? null : new Date(time as string));
