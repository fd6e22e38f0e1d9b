import { Injectable } from '@nestjs/common';
import { LessThan } from 'typeorm';
import { DatabaseService } from '../database/database.service.js';
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

  private get keys() {
    return this.database.repository(ApiKeyEntity);
  }
}
