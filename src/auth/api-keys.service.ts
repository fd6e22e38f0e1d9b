import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { LRUCache } from 'lru-cache';
import { Clock } from '../common/clock.js';
import { decodeCursor, type Page, pageOf } from '../common/cursor.js';
import { uuidv7 } from '../common/uuid.js';
import { DatabaseService } from '../database/database.service.js';
import { apiKeyHash, newApiKey } from './api-key.js';
import type { ApiKeyEntity } from './api-key.entity.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { apiKeyNotFound, expiryInThePast, invalidToken } from './auth.problems.js';
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

  /** @throws ProblemError invalid-request if it would have expired already */
  async create(
    userId: string,
    workspaceId: string,
    { name, scopes, expiresAt }: { name: string; scopes: Scope[]; expiresAt?: Date | null },
  ): Promise<NewApiKey> {
    const now = this.clock.now();
    if (expiresAt && expiresAt.getTime() <= now) throw expiryInThePast();
    const unique = [...new Set(scopes)];
    return this.add({ workspaceId, name, scopes: unique, expiresAt: expiresAt ?? null }, userId);
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
    if (!isUUID(id) || !(await this.keys.delete(workspaceId, id))) throw apiKeyNotFound();
  }

  /**
   * Makes a key that may do the same, while the old one is still good for so many seconds.
   * @throws ProblemError not-found, also if the old one has expired
   */
  rotate(
    userId: string,
    workspaceId: string,
    id: string,
    overlapSeconds: number,
  ): Promise<NewApiKey> {
    if (!isUUID(id)) throw apiKeyNotFound();
    return this.database.transaction(async () => {
      const old = await this.keys.lock(workspaceId, id);
      if (!old || this.isOver(old)) throw apiKeyNotFound();
      const next = await this.add(old, userId);
      const end = new Date(this.clock.now() + overlapSeconds * 1000);
      if (!old.expiresAt || end < old.expiresAt) await this.keys.setExpiry(old.id, end);
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
    return { ...present(entity), key };
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
