import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { LRUCache } from 'lru-cache';
import { AuditService } from '../audit/audit.service.js';
import { Clock } from '../common/clock.js';
import { decodeCursor, type Page, pageOf } from '../common/cursor.js';
import { uuidv7 } from '../common/uuid.js';
import { WORKSPACE_LIMITS } from '../common/workspace-limits.js';
import { DatabaseService } from '../platform/database/database.service.js';
import { apiKeyHash, newApiKey } from './api-key.js';
import type { ApiKeyEntity } from './api-key.entity.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import {
  apiKeyNotFound,
  expiryInThePast,
  invalidToken,
  tooManyApiKeys,
  workspaceGone,
} from './auth.problems.js';
import type { ApiKey, AuthenticatedUser, NewApiKey, Scope } from './auth.types.js';

const USE_NOTED_EVERY_MS = 60_000;
/** By hash: what was used in the last minute. */
const KNOWN_KEYS = { max: 10_000, ttl: 60_000 };

/**
 * Keys of services. A key belongs to a workspace, and may do there what its scopes say, whatever becomes of
 * whoever made it. Who may manage keys is up to the caller.
 */
@Injectable()
export class ApiKeysService {
  private readonly known = new LRUCache<string, string>(KNOWN_KEYS);

  constructor(
    private readonly keys: ApiKeysRepository,
    private readonly database: DatabaseService,
    private readonly clock: Clock,
    private readonly audit: AuditService,
  ) {}

  /**
   * The key as who sent the request.
   * @throws ProblemError unauthenticated
   */
  async authenticate(key: string): Promise<AuthenticatedUser> {
    const keyHash = apiKeyHash(key);
    const found = keyHash && (await this.keys.findByHash(keyHash));
    if (!found || this.isOver(found)) throw invalidToken('The API key is not valid.');
    const { id, scopes, lastUsedAt } = found;
    this.known.set(keyHash.toString('base64'), id);
    const now = this.clock.now();
    const unlessSince = new Date(now - USE_NOTED_EVERY_MS);
    if (!lastUsedAt || lastUsedAt < unlessSince) {
      await this.keys.noteUse(id, new Date(now), unlessSince);
    }
    return { id, email: '', role: 'member', scopes };
  }

  /** The id of a key that was good a moment ago, in this process; it may have been revoked since. */
  knownId(key: string): string | undefined {
    const keyHash = apiKeyHash(key);
    return keyHash && this.known.get(keyHash.toString('base64'));
  }

  /** @throws ProblemError invalid-request if it would have expired already; api-key-limit-reached */
  async create(
    userId: string,
    workspaceId: string,
    { name, scopes, expiresAt }: { name: string; scopes: Scope[]; expiresAt?: Date | null },
  ): Promise<NewApiKey> {
    const now = this.clock.now();
    if (expiresAt && expiresAt.getTime() <= now) throw expiryInThePast();
    const unique = [...new Set(scopes)];
    const wanted = { workspaceId, name, scopes: unique, expiresAt: expiresAt ?? null };
    return this.database.transaction(async () => {
      await this.lockWorkspace(workspaceId);
      const key = await this.add(wanted, userId);
      await this.audit.record({
        workspaceId,
        action: 'api-key.created',
        targets: [{ type: 'api-key', id: key.id }],
        changes: {
          name: { from: null, to: name },
          scopes: { from: null, to: unique },
          expiresAt: { from: null, to: wanted.expiresAt },
        },
      });
      return key;
    });
  }

  /**
   * The newest first, expired ones included.
   * @throws ProblemError invalid-request (cursor)
   */
  async list(
    workspaceId: string,
    { limit, cursor }: { limit: number; cursor?: string },
  ): Promise<Page<ApiKey>> {
    const beforeId = cursor === undefined ? undefined : decodeCursor(cursor);
    // One more than asked for tells whether there is a next page.
    const found = await this.keys.findPage(workspaceId, limit + 1, beforeId);
    return pageOf(found.map(present), limit, ({ id }) => id);
  }

  /** @throws ProblemError not-found */
  async get(workspaceId: string, id: string): Promise<ApiKey> {
    const key = isUUID(id) ? await this.keys.find(workspaceId, id) : undefined;
    if (!key) throw apiKeyNotFound();
    return present(key);
  }

  /** From now on nobody can use it. @throws ProblemError not-found */
  async revoke(workspaceId: string, id: string): Promise<void> {
    if (!isUUID(id)) throw apiKeyNotFound();
    await this.database.transaction(async () => {
      if (!(await this.keys.delete(workspaceId, id))) throw apiKeyNotFound();
      const targets = [{ type: 'api-key', id: id.toLowerCase() }];
      await this.audit.record({ workspaceId, action: 'api-key.revoked', targets });
    });
  }

  /**
   * Makes a key that may do the same, while the old one is still good for so many seconds.
   * @throws ProblemError not-found, also if the old one has expired; api-key-limit-reached
   */
  rotate(
    userId: string,
    workspaceId: string,
    id: string,
    overlapSeconds: number,
  ): Promise<NewApiKey> {
    if (!isUUID(id)) throw apiKeyNotFound();
    return this.database.transaction(async () => {
      await this.lockWorkspace(workspaceId);
      const old = await this.keys.lock(workspaceId, id);
      if (!old || this.isOver(old)) throw apiKeyNotFound();
      const end = new Date(this.clock.now() + overlapSeconds * 1000);
      const endsSooner = !old.expiresAt || end < old.expiresAt;
      // First, so that the old one needs no room any more if it ends now.
      if (endsSooner) await this.keys.setExpiry(old.id, end);
      const next = await this.add(old, userId);
      await this.audit.record({
        workspaceId,
        action: 'api-key.rotated',
        targets: [old, next].map((key) => ({ type: 'api-key', id: key.id })),
        changes: endsSooner ? { expiresAt: { from: old.expiresAt, to: end } } : {},
      });
      return next;
    });
  }

  private async add(
    like: Pick<ApiKeyEntity, 'workspaceId' | 'name' | 'scopes' | 'expiresAt'>,
    userId: string,
  ): Promise<NewApiKey> {
    const now = this.clock.now();
    const key = newApiKey();
    const entity: ApiKeyEntity = {
      id: uuidv7(now),
      workspaceId: like.workspaceId,
      name: like.name,
      scopes: like.scopes,
      keyHash: apiKeyHash(key)!,
      prefix: key.slice(0, 8),
      lastFour: key.slice(-4),
      createdBy: userId,
      createdAt: new Date(now),
      expiresAt: like.expiresAt,
      lastUsedAt: null,
    };
    await this.keys.add(entity);
    const most = WORKSPACE_LIMITS.apiKeys;
    // Behind the lock of the workspace; the transaction takes back what is one too many.
    if ((await this.keys.count(like.workspaceId, new Date(now))) > most) throw tooManyApiKeys(most);
    return { ...present(entity), key };
  }

  private async lockWorkspace(workspaceId: string): Promise<void> {
    if (!(await this.keys.lockWorkspace(workspaceId))) throw workspaceGone();
  }

  private isOver({ expiresAt }: ApiKeyEntity): boolean {
    return expiresAt !== null && expiresAt.getTime() <= this.clock.now();
  }
}

const present = (key: ApiKeyEntity): ApiKey => ({
  id: key.id,
  name: key.name,
  scopes: key.scopes,
  prefix: key.prefix,
  lastFour: key.lastFour,
  createdBy: key.createdBy,
  createdAt: key.createdAt,
  expiresAt: key.expiresAt,
  lastUsedAt: key.lastUsedAt,
});
