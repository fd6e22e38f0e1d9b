import { Injectable, Logger } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { AuthConfig } from '../../config/auth.config.js';
import { AuditService } from '../audit/audit.service.js';
import { Clock } from '../common/clock.js';
import { decodeCursor, type Page, pageOf } from '../common/cursor.js';
import { actAs } from '../common/request-context.js';
import { parseUserAgent } from '../common/user-agent.js';
import { uuidv7 } from '../common/uuid.js';
import { DatabaseService } from '../platform/database/database.service.js';
import type { Client } from '../platform/http/client.js';
import { subnetOf } from '../platform/http/client-address.js';
import { AccessTokens } from './access-tokens.js';
import {
  invalidCredentials,
  invalidRefreshToken,
  invalidToken,
  sessionNotFound,
} from './auth.problems.js';
import type { AuthenticatedUser, OwnSession, Session, SessionClient } from './auth.types.js';
import {
  newDerivationSalt,
  newRefreshToken,
  nextRefreshToken,
  refreshTokenHash,
} from './refresh-token.js';
import type { RefreshTokenEntity } from './refresh-token.entity.js';
import type { SessionEntity } from './session.entity.js';
import { SessionsRepository } from './sessions.repository.js';
import { toAccount, type UserEntity } from './user.entity.js';
import { UsersRepository } from './users.repository.js';

/** Uses of a session are written down that often. */
const NOTE_USE_EVERY_MS = 60_000;
const MAX_NAMED = 100;

type TokenOwner = Pick<RefreshTokenEntity, 'userId' | 'sessionId' | 'absoluteExpiresAt'>;

/**
 * Sessions: a short-lived access token, and a refresh token that is exchanged for a new pair.
 * Sessions change under the lock of their user's row only, so concurrent requests see each other's
 * effects, whichever process serves them.
 */
@Injectable()
export class SessionsService {
  private readonly logger = new Logger(SessionsService.name);

  constructor(
    private readonly users: UsersRepository,
    private readonly sessions: SessionsRepository,
    private readonly accessTokens: AccessTokens,
    private readonly database: DatabaseService,
    private readonly config: AuthConfig,
    private readonly clock: Clock,
    private readonly audit: AuditService,
  ) {}

  /**
   * Starts a session of the user, as they were when their password was checked.
   * @throws ProblemError invalid-credentials if the user was disabled or deleted a moment ago, or their
   *   password was changed
   */
  open(
    { id: userId, passwordChangedAt }: Pick<UserEntity, 'id' | 'passwordChangedAt'>,
    client?: Client,
  ): Promise<Session> {
    return this.database.transaction(async () => {
      const user = await this.users.lock(userId);
      if (!user || user.disabledAt) throw invalidCredentials();
      if (user.passwordChangedAt?.getTime() !== passwordChangedAt?.getTime()) {
        throw invalidCredentials();
      }
      const now = this.clock.now();
      const sessionId = uuidv7(now);
      const absoluteExpiresAt = new Date(now + this.config.refreshTokenMaxAgeSeconds * 1000);
      await this.sessions.add({
        id: sessionId,
        userId,
        createdAt: new Date(now),
        lastUsedAt: new Date(now),
        expiresAt: this.expiry(now, absoluteExpiresAt),
        absoluteExpiresAt,
        ...describe(client),
      });
      const refreshToken = newRefreshToken();
      await this.addToken({ userId, sessionId, absoluteExpiresAt }, refreshToken, now);
      actAs({ type: 'user', id: userId });
      await this.record('session.created', userId, sessionId);
      return this.pair(user, sessionId, refreshToken);
    });
  }

  /**
   * The user behind an access token: at once nobody when the session is over or the user disabled.
   * @throws ProblemError unauthenticated
   */
  async authenticate(accessToken: string): Promise<AuthenticatedUser> {
    const { sub, sid } = this.accessTokens.verify(accessToken);
    const now = this.clock.now();
    const found = await this.sessions.findUser(sid, sub, new Date(now));
    if (!found) throw invalidToken();
    const { lastUsedAt, ...user } = found;
    const since = now - NOTE_USE_EVERY_MS;
    if (lastUsedAt.getTime() < since) {
      await this.sessions.noteUse(sid, new Date(now), new Date(since));
    }
    return { ...user, sessionId: sid };
  }

  /**
   * The sessions of the user that are not over, the newest first.
   * @throws ProblemError invalid-request (cursor)
   */
  async list(
    { id: userId, sessionId }: AuthenticatedUser,
    { limit, cursor }: { limit: number; cursor?: string },
  ): Promise<Page<OwnSession>> {
    const beforeId = cursor === undefined ? undefined : decodeCursor(cursor);
    const now = new Date(this.clock.now());
    // One more than asked for tells whether there is a next page.
    const found = await this.sessions.findPage(userId, now, limit + 1, beforeId);
    return pageOf(
      found.map((session) => present(session, sessionId)),
      limit,
      ({ id }) => id,
    );
  }

  /** Ends one session of the user. @throws ProblemError not-found, alike for absent and foreign */
  async end({ id: userId }: AuthenticatedUser, id: string): Promise<void> {
    if (!isUUID(id)) throw sessionNotFound();
    const wasThere = await this.database.transaction(async () => {
      await this.users.lock(userId);
      const isEnded = await this.sessions.endOf(userId, id);
      if (isEnded) await this.record('session.revoked', userId, id.toLowerCase());
      return isEnded;
    });
    if (!wasThere) throw sessionNotFound();
  }

  /** Ends all sessions of the user but the one that asks. */
  async endOthers(user: AuthenticatedUser): Promise<void> {
    await this.database.transaction(async () => {
      await this.lockActing(user);
      const ended = await this.sessions.endOthers(user.id, user.sessionId!);
      if (ended.length > 0) await this.record('session.revoked', user.id, ...ended);
    });
  }

  /**
   * Locks the user until the surrounding transaction ends, for something that only a session may do that
   * nobody has ended meanwhile.
   * @throws ProblemError unauthenticated
   */
  async lockActing({ id, sessionId }: AuthenticatedUser): Promise<UserEntity> {
    const user = await this.users.lock(id);
    const now = new Date(this.clock.now());
    const isActing = sessionId && (await this.sessions.findUser(sessionId, id, now));
    if (!user || !isActing) throw invalidToken();
    return user;
  }

  /**
   * Exchanges the token for a new pair. A spent token that comes back may have been stolen, so it
   * ends its session; unless it comes back at once, as from a client that sent several requests in
   * parallel or never got the first answer: that gets the same refresh token once more, until it
   * has been used.
   * @throws ProblemError invalid-refresh-token
   */
  async refresh(refreshToken: string, client?: Client): Promise<Session> {
    const session = await this.underLock(refreshToken, (token, user) =>
      this.rotate(refreshToken, token, user, client),
    );
    // Thrown only now, because an error inside the transaction would undo the end of the session.
    if (!session) throw invalidRefreshToken();
    return session;
  }

  /** Ends the session of the token. A token that is unknown or long over is as good as logged out. */
  async close(refreshToken: string): Promise<void> {
    await this.underLock(refreshToken, async ({ sessionId }, user) => {
      await this.sessions.end(sessionId);
      actAs({ type: 'user', id: user.id });
      await this.record('session.ended', user.id, sessionId);
    });
  }

  /** Of very many sessions the first ones are named: an event has to end. */
  private record(action: string, userId: string, ...sessionIds: string[]): Promise<void> {
    const sessions = sessionIds.slice(0, MAX_NAMED).map((id) => ({ type: 'session', id }));
    const targets = [{ type: 'user', id: userId }, ...sessions];
    return this.audit.record({ workspaceId: null, action, targets });
  }

  private async rotate(
    refreshToken: string,
    token: RefreshTokenEntity,
    user: UserEntity,
    client?: Client,
  ): Promise<Session | undefined> {
    const now = this.clock.now();
    const successor = token.successorId
      ? await this.sessions.findToken({ id: token.successorId })
      : undefined;
    if (successor?.usedAt || this.isSpentForLong(token, now)) {
      this.logger.warn(`A spent refresh token of user ${user.id} came back: its session ends`);
      await this.sessions.end(token.sessionId);
      await this.record('session.revoked', user.id, token.sessionId);
      return undefined;
    }
    if (token.expiresAt.getTime() <= now || user.disabledAt) return undefined;
    const salt = successor?.derivationSalt;
    const next = salt
      ? nextRefreshToken(refreshToken, salt)
      : await this.spend(refreshToken, token, now, client);
    return this.pair(user, token.sessionId, next);
  }

  private isSpentForLong({ usedAt }: RefreshTokenEntity, now: number): boolean {
    return usedAt !== null && now - usedAt.getTime() > this.config.refreshGraceSeconds * 1000;
  }

  /** Makes the successor of the token. */
  private async spend(
    refreshToken: string,
    token: RefreshTokenEntity,
    now: number,
    client?: Client,
  ): Promise<string> {
    const salt = newDerivationSalt();
    const next = nextRefreshToken(refreshToken, salt);
    const at = new Date(now);
    const expiresAt = this.expiry(now, token.absoluteExpiresAt);
    await this.sessions.prolong(token.sessionId, at, expiresAt, describe(client));
    const successorId = await this.addToken(token, next, now, salt);
    await this.sessions.spendToken(token.id, at, successorId);
    return next;
  }

  /** Runs the work if the token is known, while nobody else changes sessions of its user. */
  private async underLock<T>(
    refreshToken: string,
    work: (token: RefreshTokenEntity, user: UserEntity) => Promise<T>,
  ): Promise<T | undefined> {
    const tokenHash = refreshTokenHash(refreshToken);
    const owner = tokenHash && (await this.sessions.findToken({ tokenHash }))?.userId;
    if (!tokenHash || !owner) return undefined;
    return this.database.transaction(async () => {
      const user = await this.users.lock(owner);
      // Read again: the token may have been used or revoked while we waited for the lock.
      const token = await this.sessions.findToken({ tokenHash });
      return user && token ? work(token, user) : undefined;
    });
  }

  private async addToken(
    { userId, sessionId, absoluteExpiresAt }: TokenOwner,
    refreshToken: string,
    now: number,
    derivationSalt: Buffer | null = null,
  ): Promise<string> {
    const id = uuidv7(now);
    await this.sessions.addToken({
      id,
      userId,
      sessionId,
      tokenHash: refreshTokenHash(refreshToken)!,
      expiresAt: this.expiry(now, absoluteExpiresAt),
      absoluteExpiresAt,
      usedAt: null,
      successorId: null,
      derivationSalt,
      createdAt: new Date(now),
    });
    return id;
  }

  private async pair(user: UserEntity, sid: string, refreshToken: string): Promise<Session> {
    const accessToken = await this.accessTokens.sign({ sub: user.id, sid });
    const expiresIn = this.config.accessTokenTtlSeconds;
    return { user: toAccount(user), accessToken, refreshToken, expiresIn };
  }

  private expiry(now: number, end: Date): Date {
    return new Date(Math.min(now + this.config.refreshTokenTtlSeconds * 1000, end.getTime()));
  }
}

/** What is stored of a client. */
function describe(client: Client | undefined): SessionClient | undefined {
  if (!client) return undefined;
  const { browser = null, os = null } = parseUserAgent(client.userAgent);
  return { browser, os, network: subnetOf(client.address) ?? null };
}

const present = (session: SessionEntity, current?: string): OwnSession => ({
  id: session.id,
  createdAt: session.createdAt,
  lastUsedAt: session.lastUsedAt,
  expiresAt: session.expiresAt,
  current: session.id === current,
  client: {
    browser: session.browser ?? null,
    os: session.os ?? null,
    network: session.network ?? null,
  },
});
