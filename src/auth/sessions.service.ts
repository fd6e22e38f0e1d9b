import { Injectable, Logger } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { AuthConfig } from '../../config/auth.config.js';
import { Clock } from '../common/clock.js';
import { uuidv7 } from '../common/uuid.js';
import { DatabaseService } from '../database/database.service.js';
import type { AccessTokenClaims } from './access-token.js';
import { invalidRefreshToken } from './auth.problems.js';
import type { Account, Session } from './auth.types.js';
import { newRefreshToken, refreshTokenHash } from './refresh-token.js';
import type { RefreshTokenEntity } from './refresh-token.entity.js';
import { RefreshTokensRepository } from './refresh-tokens.repository.js';
import { toAccount } from './user.entity.js';
import { UsersRepository } from './users.repository.js';

/**
 * Sessions: a short-lived access token, and a refresh token that is exchanged for a new pair. All
 * tokens that descend from one login are a family. Families change under the lock of their user's
 * row only, so concurrent requests see each other's effects, whichever process serves them.
 */
@Injectable()
export class SessionsService {
  private readonly logger = new Logger(SessionsService.name);

  constructor(
    private readonly users: UsersRepository,
    private readonly tokens: RefreshTokensRepository,
    private readonly database: DatabaseService,
    private readonly jwt: JwtService,
    private readonly config: AuthConfig,
    private readonly clock: Clock,
  ) {}

  /** Starts a new family, and forgets those tokens of the user that have expired. */
  open(user: Account): Promise<Session> {
    return this.database.transaction(async () => {
      await this.users.lock(user.id);
      const now = this.clock.now();
      await this.tokens.deleteExpiredOf(user.id, new Date(now));
      const endOfFamily = new Date(now + this.config.refreshTokenMaxAgeSeconds * 1000);
      return this.issue(user, uuidv7(now), endOfFamily);
    });
  }

  /**
   * Exchanges the token for a new pair. A used token that comes back may have been stolen, so it
   * ends its family; unless it comes back at once, as from a client that sent several requests in
   * parallel or never got the first answer.
   * @throws ProblemError invalid-refresh-token
   */
  async refresh(refreshToken: string): Promise<Session> {
    const session = await this.underLock(refreshToken, (token, user) => this.rotate(token, user));
    // Thrown only now, because an error inside the transaction would undo the end of the family.
    if (!session) throw invalidRefreshToken();
    return session;
  }

  /** Ends the family of the token. A token that is unknown or long over is as good as logged out. */
  async close(refreshToken: string): Promise<void> {
    await this.underLock(refreshToken, (token) => this.tokens.deleteFamily(token.familyId));
  }

  private async rotate(token: RefreshTokenEntity, user: Account): Promise<Session | undefined> {
    const now = this.clock.now();
    const graceMs = this.config.refreshGraceSeconds * 1000;
    if (token.usedAt && now - token.usedAt.getTime() > graceMs) {
      this.logger.warn(`A used refresh token of user ${user.id} came back: its family is revoked`);
      await this.tokens.deleteFamily(token.familyId);
      return undefined;
    }
    if (token.expiresAt.getTime() <= now) return undefined;
    if (!token.usedAt) await this.tokens.markUsed(token.id, new Date(now));
    return this.issue(user, token.familyId, token.absoluteExpiresAt);
  }

  /** Runs the work if the token is known and its user may act, while nobody else changes families. */
  private async underLock<T>(
    refreshToken: string,
    work: (token: RefreshTokenEntity, user: Account) => Promise<T>,
  ): Promise<T | undefined> {
    const hash = refreshTokenHash(refreshToken);
    const owner = hash && (await this.tokens.findByHash(hash))?.userId;
    if (!hash || !owner) return undefined;
    return this.database.transaction(async () => {
      const user = await this.users.lock(owner);
      // Read again: the token may have been used or revoked while we waited for the lock.
      const token = await this.tokens.findByHash(hash);
      return user && !user.disabledAt && token ? work(token, toAccount(user)) : undefined;
    });
  }

  private async issue(user: Account, familyId: string, endOfFamily: Date): Promise<Session> {
    const now = this.clock.now();
    const refreshToken = newRefreshToken();
    const expiresAt = Math.min(
      now + this.config.refreshTokenTtlSeconds * 1000,
      endOfFamily.getTime(),
    );
    await this.tokens.add({
      id: uuidv7(now),
      userId: user.id,
      familyId,
      tokenHash: refreshTokenHash(refreshToken)!,
      expiresAt: new Date(expiresAt),
      absoluteExpiresAt: endOfFamily,
      usedAt: null,
      createdAt: new Date(now),
    });
    const claims: AccessTokenClaims = { sub: user.id };
    const accessToken = await this.jwt.signAsync(claims);
    return { user, accessToken, refreshToken, expiresIn: this.config.accessTokenTtlSeconds };
  }
}
