import { Injectable, Logger } from '@nestjs/common';
import { AuditService, changesOf } from '../audit/audit.service.js';
import type { AuditChanges } from '../audit/audit.types.js';
import { Clock } from '../common/clock.js';
import { decodeCursor, type Page, pageOf } from '../common/cursor.js';
import { invalidFields } from '../common/problem/invalid-fields.js';
import { type FieldError, ProblemError } from '../common/problem/problem.error.js';
import { uuidv7 } from '../common/uuid.js';
import { DatabaseService } from '../platform/database/database.service.js';
import type { BlockedHostEntity } from './blocked-host.entity.js';
import { BlockedHostsRepository } from './blocked-hosts.repository.js';
import type { LinkEntity } from './link.entity.js';
import type { NamedTarget } from './link-rules.types.js';
import type { BlockedHost } from './links.types.js';
import { MAX_HOST_LABELS, MAX_HOST_LENGTH, normalHost } from '../common/normal-host.js';

/**
 * Hosts that links must not lead to, nor to any host below them. New links to them are refused, and
 * those that exist do not redirect while the host is on the list. The list is in PostgreSQL only,
 * which decides with every lookup of a link; its changes are announced like those of links.
 */
@Injectable()
export class BlockedHostsService {
  private readonly logger = new Logger(BlockedHostsService.name);

  constructor(
    private readonly hosts: BlockedHostsRepository,
    private readonly clock: Clock,
    private readonly audit: AuditService,
    private readonly database: DatabaseService,
  ) {}

  /**
   * The newest first.
   * @throws ProblemError invalid-request (cursor)
   */
  async list({ limit, cursor }: { limit: number; cursor?: string }): Promise<Page<BlockedHost>> {
    const beforeId = cursor === undefined ? undefined : decodeCursor(cursor);
    // One more than asked for tells whether there is a next page.
    const found = await this.hosts.findPage(limit + 1, beforeId);
    const { items, nextCursor } = pageOf(found, limit, ({ id }) => id);
    return { items: items.map(present), nextCursor };
  }

  /** @throws ProblemError invalid-request, not-found */
  async get(host: string): Promise<BlockedHost> {
    const found = await this.hosts.find(normalised(host));
    if (!found) throw notBlocked();
    return present(found);
  }

  /**
   * Blocks the host, or changes the reason; tells whether it was not blocked before.
   * @throws ProblemError invalid-request
   */
  async put(host: string, reason: string, userId: string): Promise<[BlockedHost, boolean]> {
    const now = this.clock.now();
    const entry = { id: uuidv7(now), host: normalised(host), reason, createdBy: userId };
    const isNew = await this.database.transaction(async () => {
      const known = await this.hosts.find(entry.host);
      const added = await this.hosts.put({ ...entry, createdAt: new Date(now) });
      const changes = changesOf({ reason: known?.reason }, { reason });
      await this.record('host.blocked', entry.host, changes);
      return added;
    });
    this.logger.log(`The host ${entry.host} was blocked by user ${userId}`);
    return [await this.get(entry.host), isNew];
  }

  /** @throws ProblemError invalid-request, not-found */
  async delete(host: string, userId: string): Promise<void> {
    const normal = normalised(host);
    await this.database.transaction(async () => {
      if (!(await this.hosts.delete(normal))) throw notBlocked();
      await this.record('host.unblocked', normal);
    });
    this.logger.log(`The host ${normal} was unblocked by user ${userId}`);
  }

  /**
   * @param link whose URLs are in their normal form
   * @throws ProblemError invalid-request that names each of them which leads to a blocked host
   */
  async refuseBlocked(link: LinkTargets): Promise<void> {
    const [errors] = await this.findBlocked([link]);
    if (errors!.length > 0) throw invalidFields(errors!);
  }

  /** Of each of the links, whose URLs are in their normal form, which fields lead to a blocked host. */
  async findBlocked(links: LinkTargets[]): Promise<FieldError[][]> {
    const targets = links.map((link) => targetsOf(link));
    const urls = new Set(targets.flat().map(({ url }) => url));
    if (urls.size === 0) return links.map(() => []);
    const blocked = await this.hosts.findBlocked([...urls]);
    return targets.map((each) =>
      each
        .filter(({ url }) => blocked.has(url))
        .map(({ pointer }) => ({
          pointer,
          code: 'blocked',
          detail: 'must not lead to a host that is blocked here',
        })),
    );
  }

  private record(action: string, host: string, changes?: AuditChanges): Promise<void> {
    const targets = [{ type: 'host', id: host }];
    return this.audit.record({ workspaceId: null, action, targets, changes });
  }
}

type LinkTargets = Pick<Partial<LinkEntity>, 'url' | 'fallbackUrl' | 'rules' | 'split'>;

/** All that a link may lead to, by the pointers of its fields. */
function targetsOf({ url, fallbackUrl, rules, split }: LinkTargets) {
  const one = (pointer: string, target: string | null | undefined) =>
    target ? [{ url: target, pointer }] : [];
  const several = (pointer: string, targets: NamedTarget[] | null | undefined) =>
    (targets ?? []).map((target, index) => ({
      url: target.url,
      pointer: `${pointer}/${index}/url`,
    }));
  return [
    ...one('/url', url),
    ...one('/fallbackUrl', fallbackUrl),
    ...several('/rules', rules),
    ...several('/split', split),
  ];
}

function normalised(text: string): string {
  const host = normalHost(text);
  if (host !== undefined && host.split('.').length <= MAX_HOST_LABELS) return host;
  const detail = `must be a host name or an IP address, without a port, of at most ${MAX_HOST_LENGTH} characters and ${MAX_HOST_LABELS} labels`;
  throw new ProblemError('invalid-request', {
    detail: `host ${detail}.`,
    errors: [{ pointer: ':host', code: 'invalid', detail: `host ${detail}` }],
  });
}

const present = ({ host, reason, createdBy, createdAt }: BlockedHostEntity): BlockedHost => ({
  host,
  reason,
  createdBy,
  createdAt,
});

const notBlocked = (): ProblemError =>
  new ProblemError('not-found', { detail: 'This host is not on the list of blocked hosts.' });
