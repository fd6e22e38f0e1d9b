import { Injectable } from '@nestjs/common';
import { LessThan, MoreThan } from 'typeorm';
import { DatabaseService } from '../platform/database/database.service.js';
import type { AuthenticatedUser, SessionClient } from './auth.types.js';
import { RefreshTokenEntity } from './refresh-token.entity.js';
import { SessionEntity } from './session.entity.js';

/** The user of a session, and when it was used last. */
export type SessionUser = Omit<AuthenticatedUser, 'sessionId'> & { lastUsedAt: Date };

/**
 * Sessions and their refresh tokens. Whoever changes both begins with the session, so that nobody
 * waits for somebody who waits for them.
 */
@Injectable()
export class SessionsRepository {
  constructor(private readonly database: DatabaseService) {}

  /** The user of the session, unless it is over or they are disabled. */
  async findUser(sessionId: string, userId: string, now: Date): Promise<SessionUser | undefined> {
    const [user] = await this.database.query<SessionUser>(
      `SELECT u.id, u.email, u.role, s.last_used_at AS "lastUsedAt" FROM sessions s JOIN users u ON u.id = s.user_id
       WHERE s.id = $1 AND s.user_id = $2 AND s.expires_at > $3 AND u.disabled_at IS NULL`,
      [sessionId, userId, now],
    );
    return user;
  }

  /** The newest first, older ones than `beforeId` if it is given; those that are not over. */
  findPage(userId: string, now: Date, limit: number, beforeId?: string): Promise<SessionEntity[]> {
    return this.sessions.find({
      where: {
        userId,
        expiresAt: MoreThan(now),
        ...(beforeId !== undefined && { id: LessThan(beforeId) }),
      },
      order: { id: 'DESC' },
      take: limit,
    });
  }

  /** Unless a use after `since` is noted already. */
  async noteUse(id: string, now: Date, since: Date): Promise<void> {
    await this.sessions.update({ id, lastUsedAt: LessThan(since) }, { lastUsedAt: now });
  }

  async add(session: SessionEntity): Promise<void> {
    await this.sessions.insert(session);
  }

  async prolong(
    id: string,
    lastUsedAt: Date,
    expiresAt: Date,
    client?: SessionClient,
  ): Promise<void> {
    await this.sessions.update({ id }, { lastUsedAt, expiresAt, ...client });
  }

  /** Ends the session with all of its tokens. */
  async end(id: string): Promise<void> {
    await this.sessions.delete({ id });
  }

  /** Ends the session if it is one of the user, and tells whether it did. */
  async endOf(userId: string, id: string): Promise<boolean> {
    return (await this.sessions.delete({ id, userId })).affected === 1;
  }

  /** Ends all sessions of the user but this one, and tells which. */
  async endOthers(userId: string, id: string): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `WITH ended AS (DELETE FROM sessions WHERE user_id = $1 AND id <> $2 RETURNING id)
       SELECT id FROM ended ORDER BY id`,
      [userId, id],
    );
    return rows.map((row) => row.id);
  }

  async findToken(
    key: { tokenHash: Buffer } | { id: string },
  ): Promise<RefreshTokenEntity | undefined> {
    return (await this.tokens.findOneBy(key)) ?? undefined;
  }

  async addToken(token: RefreshTokenEntity): Promise<void> {
    await this.tokens.insert(token);
  }

  async spendToken(id: string, usedAt: Date, successorId: string): Promise<void> {
    await this.tokens.update({ id }, { usedAt, successorId, derivationSalt: null });
  }

  /**
   * Deletes expired tokens and sessions. Returns `limit` if there may be more of them, and less if
   * not or while another process is at it. Tokens go first, because a session that is deleted takes
   * all that it has left along at once. Call it in a transaction of its own.
   */
  async purgeExpired(limit: number): Promise<number> {
    const tokens = await this.purge('refresh_tokens', limit);
    return tokens === limit ? tokens : this.purge('sessions', limit);
  }

  private async purge(table: 'refresh_tokens' | 'sessions', limit: number): Promise<number> {
    const rows = await this.database.query<{ purged: number }>(
      `WITH expired AS (
         SELECT id FROM ${table}
         WHERE expires_at <= now()
           AND pg_try_advisory_xact_lock(hashtextextended('signpost.sessions.purge', 0))
         ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
       ), purged AS (
         DELETE FROM ${table} USING expired WHERE ${table}.id = expired.id RETURNING 1
       )
       SELECT count(*)::int AS purged FROM purged`,
      [limit],
    );
    return rows[0]?.purged ?? 0;
  }

  private get sessions() {
    return this.database.repository(SessionEntity);
  }

  private get tokens() {
    return this.database.repository(RefreshTokenEntity);
  }
}
