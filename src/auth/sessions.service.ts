import { Injectable, Logger } from '@nestjs/common';
import { AuthConfig } from '../../config/auth.config.js';
import { Clock } from '../common/clock.js';
import { uuidv7 } from '../common/uuid.js';
import { DatabaseService } from '../database/database.service.js';
import { AccessTokens } from './access-tokens.js';
import { invalidCredentials, invalidRefreshToken, invalidToken } from './auth.problems.js';
import type { Account, AuthenticatedUser, Session } from './auth.types.js';
import {
  newDerivationSalt,
  newRefreshToken,
  nextRefreshToken,
  refreshTokenHash,
} from './refresh-token.js';
import type { RefreshTokenEntity } from './refresh-token.entity.js';
import { SessionsRepository } from './sessions.repository.js';
import { toAccount, type UserEntity } from './user.entity.js';
import { UsersRepository } from './users.repository.js';

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
  ) {}

  /**
   * Starts a session.
   * @throws ProblemError invalid-credentials if the user was disabled or deleted a moment ago
   */
  open({ id: userId }: Account): Promise<Session> {
    return this.database.transaction(async () => {
      const user = await this.users.lock(userId);
      if (!user || user.disabledAt) throw invalidCredentials();
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
      });
      const refreshToken = newRefreshToken();
      await this.addToken({ userId, sessionId, absoluteExpiresAt }, refreshToken, now);
      return this.pair(user, sessionId, refreshToken);
    });
  }

  /**
   * The user behind an access token: at once nobody when the session is over or the user disabled.
   * @throws ProblemError unauthenticated
   */
  async authenticate(accessToken: string): Promise<AuthenticatedUser> {
    const { sub, sid } = this.accessTokens.verify(accessToken);
    const user = await this.sessions.findUser(sid, sub, new Date(this.clock.now()));
    if (!user) throw invalidToken();
    return user;
  }

  /**
   * Exchanges the token for a new pair. A spent token that comes back may have been stolen, so it
   * ends its session; unless it comes back at once, as from a client that sent several requests in
   * parallel or never got the first answer: that gets the same refresh token once more, until it
   * has been used.
   * @throws ProblemError invalid-refresh-token
   */
  async refresh(refreshToken: string): Promise<Session> {
    const session = await this.underLock(refreshToken, (token, user) =>
      this.rotate(refreshToken, token, user),
    );
    // Thrown only now, because an error inside the transaction would undo the end of the session.
    if (!session) throw invalidRefreshToken();
    return session;
  }

  /** Ends the session of the token. A token that is unknown or long over is as good as logged out. */
  async close(refreshToken: string): Promise<void> {
    await this.underLock(refreshToken, ({ sessionId }) => this.sessions.end(sessionId));
  }

  private async rotate(
    refreshToken: string,
    token: RefreshTokenEntity,
    user: UserEntity,
  ): Promise<Session | undefined> {
    const now = this.clock.now();
    const successor = token.successorId
      ? await this.sessions.findToken({ id: token.successorId })
      : undefined;
    if (successor?.usedAt || this.isSpentForLong(token, now)) {
      this.logger.warn(`A spent refresh token of user ${user.id} came back: its session ends`);
      await this.sessions.end(token.sessionId);
      return undefined;
    }
    if (token.expiresAt.getTime() <= now || user.disabledAt) return undefined;
    const salt = successor?.derivationSalt;
    const next = salt
      ? nextRefreshToken(refreshToken, salt)
      : await this.spend(refreshToken, token, now);
    return this.pair(user, token.sessionId, next);
  }

  private isSpentForLong({ usedAt }: RefreshTokenEntity, now: number): boolean {
    return usedAt !== null && now - usedAt.getTime() > this.config.refreshGraceSeconds * 1000;
  }

  /** Makes the successor of the token; also of one that the version before spent without a known one. */
  private async spend(
    refreshToken: string,
    token: RefreshTokenEntity,
    now: number,
  ): Promise<string> {
    const salt = newDerivationSalt();
    const next = nextRefreshToken(refreshToken, salt);
    const at = new Date(now);
    await this.sessions.prolong(token.sessionId, at, this.expiry(now, token.absoluteExpiresAt));
    const successorId = await this.addToken(token, next, now, salt);
    await this.sessions.spendToken(token.id, token.usedAt ?? at, successorId);
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
