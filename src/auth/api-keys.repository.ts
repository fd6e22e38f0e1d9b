import { Injectable } from '@nestjs/common';
import { IsNull, LessThan, MoreThan } from 'typeorm';
import { DatabaseService } from '../platform/database/database.service.js';
import { ApiKeyEntity } from './api-key.entity.js';

@Injectable()
export class ApiKeysRepository {
  constructor(private readonly database: DatabaseService) {}

  async add(key: ApiKeyEntity): Promise<void> {
    await this.keys.insert(key);
  }

  async findByHash(keyHash: Buffer): Promise<ApiKeyEntity | undefined> {
    return (await this.keys.findOneBy({ keyHash })) ?? undefined;
  }

  async find(workspaceId: string, id: string): Promise<ApiKeyEntity | undefined> {
    return (await this.keys.findOneBy({ workspaceId, id })) ?? undefined;
  }

  /** The same, locked until the surrounding transaction ends. */
  async lock(workspaceId: string, id: string): Promise<ApiKeyEntity | undefined> {
    const key = await this.keys.findOne({
      where: { workspaceId, id },
      lock: { mode: 'for_no_key_update' },
    });
    return key ?? undefined;
  }

  /** Until the surrounding transaction ends keys are added one after the other; false if it is gone. */
  async lockWorkspace(workspaceId: string): Promise<boolean> {
    const rows = await this.database.query(
      'SELECT FROM workspaces WHERE id = $1 FOR NO KEY UPDATE',
      [workspaceId],
    );
    return rows.length === 1;
  }

  /** Those that have not expired. */
  async count(workspaceId: string, now: Date): Promise<number> {
    return this.keys.count({
      where: [
        { workspaceId, expiresAt: IsNull() },
        { workspaceId, expiresAt: MoreThan(now) },
      ],
    });
  }

  /** The newest first, older ones than `beforeId` if it is given. */
  findPage(workspaceId: string, limit: number, beforeId?: string): Promise<ApiKeyEntity[]> {
    return this.keys.find({
      where: { workspaceId, ...(beforeId !== undefined && { id: LessThan(beforeId) }) },
      order: { id: 'DESC' },
      take: limit,
    });
  }

  async setExpiry(id: string, expiresAt: Date): Promise<void> {
    await this.keys.update({ id }, { expiresAt });
  }

  /** Unless it was noted since `unlessSince`, by whichever process. */
  async noteUse(id: string, usedAt: Date, unlessSince: Date): Promise<void> {
    await this.keys
      .createQueryBuilder()
      .update()
      .set({ lastUsedAt: usedAt })
      .where('id = :id AND (last_used_at IS NULL OR last_used_at < :unlessSince)', {
        id,
        unlessSince,
      })
      .execute();
  }

  /** Tells whether it was there. */
  async delete(workspaceId: string, id: string): Promise<boolean> {
    return (await this.keys.delete({ workspaceId, id })).affected === 1;
  }

  /** Deletes up to `limit` that expired before that time and nobody else is deleting, and tells how many. */
  async purgeExpired(before: Date, limit: number): Promise<number> {
    const [row] = await this.database.query<{ purged: number }>(
      `WITH expired AS (
         SELECT id FROM api_keys WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
       ), purged AS (
         DELETE FROM api_keys WHERE id IN (SELECT id FROM expired) RETURNING id
       )
       SELECT count(*)::integer AS purged FROM purged`,
      [before, limit],
    );
    return row!.purged;
  }

  private get keys() {
    return this.database.repository(ApiKeyEntity);
  }
}
