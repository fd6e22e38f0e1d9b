import { Injectable } from '@nestjs/common';
import { LessThan, MoreThan } from 'typeorm';
import { DatabaseService } from '../platform/database/database.service.js';
import { InvitationEntity } from './invitation.entity.js';

@Injectable()
export class InvitationsRepository {
  constructor(private readonly database: DatabaseService) {}

  async add(invitation: InvitationEntity): Promise<void> {
    await this.invitations.insert(invitation);
  }

  /** Those that have not expired, the newest first, older ones than `beforeId` if it is given. */
  findPage(
    workspaceId: string,
    now: Date,
    limit: number,
    beforeId?: string,
  ): Promise<InvitationEntity[]> {
    return this.invitations.find({
      where: {
        workspaceId,
        expiresAt: MoreThan(now),
        ...(beforeId !== undefined && { id: LessThan(beforeId) }),
      },
      order: { id: 'DESC' },
      take: limit,
    });
  }

  /** How many of the workspace have not expired. */
  countOpen(workspaceId: string, now: Date): Promise<number> {
    return this.invitations.countBy({ workspaceId, expiresAt: MoreThan(now) });
  }

  async find(workspaceId: string, id: string, now: Date): Promise<InvitationEntity | undefined> {
    const found = await this.invitations.findOneBy({ workspaceId, id, expiresAt: MoreThan(now) });
    return found ?? undefined;
  }

  async findByToken(tokenHash: Buffer, now: Date): Promise<InvitationEntity | undefined> {
    const found = await this.invitations.findOneBy({ tokenHash, expiresAt: MoreThan(now) });
    return found ?? undefined;
  }

  /** Tells whether the invitation was there: of those who accept or revoke it at once, one deletes it. */
  async delete(workspaceId: string, id: string): Promise<boolean> {
    return (await this.invitations.delete({ workspaceId, id })).affected === 1;
  }

  /** Deletes up to `limit` expired ones that nobody else is deleting, and returns how many. */
  async purgeExpired(limit: number): Promise<number> {
    const [row] = await this.database.query<{ count: number }>(
      `WITH expired AS (
         SELECT id FROM workspace_invitations WHERE expires_at < now()
         LIMIT $1 FOR UPDATE SKIP LOCKED
       ), purged AS (
         DELETE FROM workspace_invitations WHERE id IN (SELECT id FROM expired) RETURNING id
       )
       SELECT count(*)::integer AS count FROM purged`,
      [limit],
    );
    return row!.count;
  }

  private get invitations() {
    return this.database.repository(InvitationEntity);
  }
}
