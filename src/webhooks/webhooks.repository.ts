import { Injectable } from '@nestjs/common';
import { LessThan } from 'typeorm';
import { DatabaseService } from '../platform/database/database.service.js';
import { WebhookEntity } from './webhook.entity.js';
import type { DisabledReason } from './webhooks.types.js';

/** Where the feed of a workspace ends. */
const END_OF_FEED =
  'coalesce((SELECT length FROM event_feeds WHERE workspace_id = webhooks.workspace_id), 0)';

@Injectable()
export class WebhooksRepository {
  constructor(private readonly database: DatabaseService) {}

  /** Until the surrounding transaction ends webhooks are added one after the other; false if it is gone. */
  async lockWorkspace(workspaceId: string): Promise<boolean> {
    const rows = await this.database.query(
      'SELECT FROM workspaces WHERE id = $1 FOR NO KEY UPDATE',
      [workspaceId],
    );
    return rows.length === 1;
  }

  count(workspaceId: string): Promise<number> {
    return this.webhooks.countBy({ workspaceId });
  }

  /** It is told what happens from now on. */
  async add(webhook: Omit<WebhookEntity, 'position'>): Promise<void> {
    await this.webhooks.insert({ ...webhook, position: '0' });
    await this.skipToEnd(webhook.id);
  }

  async find(workspaceId: string, id: string): Promise<WebhookEntity | undefined> {
    return (await this.webhooks.findOneBy({ workspaceId, id })) ?? undefined;
  }

  /** The same, locked until the surrounding transaction ends. */
  async lock(workspaceId: string, id: string): Promise<WebhookEntity | undefined> {
    const webhook = await this.webhooks.findOne({
      where: { workspaceId, id },
      lock: { mode: 'for_no_key_update' },
    });
    return webhook ?? undefined;
  }

  /** The newest first, older ones than `beforeId` if it is given. */
  findPage(workspaceId: string, limit: number, beforeId?: string): Promise<WebhookEntity[]> {
    return this.webhooks.find({
      where: { workspaceId, ...(beforeId !== undefined && { id: LessThan(beforeId) }) },
      order: { id: 'DESC' },
      take: limit,
    });
  }

  /** Makes a new version of a webhook that is locked. */
  async update({ id, version }: WebhookEntity, columns: Partial<WebhookEntity>): Promise<void> {
    await this.webhooks.update({ id }, { ...columns, version: version + 1 });
  }

  async delete(id: string): Promise<void> {
    await this.webhooks.delete({ id });
  }

  /** What has happened so far it is not told. */
  async skipToEnd(id: string): Promise<void> {
    await this.database.query(`UPDATE webhooks SET position = ${END_OF_FEED} WHERE id = $1`, [id]);
  }

  /** Disables the webhook unless it is already, and tells whether it did. */
  async disable(id: string, reason: DisabledReason, at: Date): Promise<boolean> {
    const { affected } = await this.webhooks
      .createQueryBuilder()
      .update()
      .set({ disabledAt: at, disabledReason: reason, version: () => 'version + 1' })
      .where('id = :id AND disabled_at IS NULL', { id })
      .execute();
    return affected === 1;
  }

  /** All with their secrets, a few at a time, in the order of their ids. */
  findSecrets(afterId: string, limit: number): Promise<WebhookEntity[]> {
    return this.webhooks
      .createQueryBuilder('webhook')
      .where('webhook.id > :afterId', { afterId })
      .orderBy('webhook.id')
      .limit(limit)
      .getMany();
  }

  /** Stores another form of the same secret, unless somebody has rotated it meanwhile. */
  async reseal(
    id: string,
    column: 'secret' | 'previousSecret',
    from: Buffer,
    to: Buffer,
  ): Promise<void> {
    await this.webhooks.update({ id, [column]: from }, { [column]: to });
  }

  private get webhooks() {
    return this.database.repository(WebhookEntity);
  }
}
