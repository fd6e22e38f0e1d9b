import { JwtService } from '@nestjs/jwt';
import bcrypt from 'bcrypt';
import type { AuthConfig } from '../../config/auth.config.js';
import { Clock } from '../common/clock.js';
import { withScope } from '../common/request-context.js';
import type { DatabaseService } from '../database/database.service.js';
import { ACCESS_TOKEN } from './access-token.js';
import { emailTaken } from './auth.problems.js';
import { AuthService } from './auth.service.js';
import type { UserRole } from './auth.types.js';
import { PasswordHasher } from './password-hasher.js';
import type { RefreshTokenEntity } from './refresh-token.entity.js';
import type { RefreshTokensRepository } from './refresh-tokens.repository.js';
import { SessionsService } from './sessions.service.js';
import type { SetupService } from './setup.service.js';
import type { UserEntity } from './user.entity.js';
import type { UsersRepository } from './users.repository.js';

type Methods<T> = Pick<T, keyof T>;

export class FakeUsers implements Methods<UsersRepository> {
  readonly rows: UserEntity[] = [];

  findById = async (id: string) => this.rows.find((user) => user.id === id);
  findByEmail = async (email: string) => this.rows.find((user) => user.email === email);
  exists = async () => this.rows.length > 0;
  roleOfNextUser = async (): Promise<UserRole> => (this.rows.length > 0 ? 'member' : 'admin');
  lock = this.findById;

  async add(user: UserEntity): Promise<void> {
    if (await this.findByEmail(user.email)) throw emailTaken();
    this.rows.push(user);
  }

  async replacePasswordHash(id: string, old: string, passwordHash: string): Promise<void> {
    const user = await this.findById(id);
    if (user?.passwordHash === old) user.passwordHash = passwordHash;
  }
}

export class FakeRefreshTokens implements Methods<RefreshTokensRepository> {
  rows: RefreshTokenEntity[] = [];

  findByHash = async (hash: Buffer) => this.rows.find(({ tokenHash }) => tokenHash.equals(hash));

  async add(token: RefreshTokenEntity): Promise<void> {
    this.rows.push(token);
  }

  async markUsed(id: string, usedAt: Date): Promise<void> {
    this.rows.find((token) => token.id === id)!.usedAt = usedAt;
  }

  async deleteFamily(familyId: string): Promise<void> {
    this.rows = this.rows.filter((token) => token.familyId !== familyId);
  }

  async deleteExpiredOf(userId: string, now: Date): Promise<void> {
    this.rows = this.rows.filter((token) => token.userId !== userId || token.expiresAt >= now);
  }
}

export class FakeClock extends Clock {
  milliseconds = Date.now();

  override now(): number {
    return this.milliseconds;
  }
}

export const fakeAuthConfig: AuthConfig = {
  jwtSecret: 'a secret that only the tests know, and long enough',
  accessTokenTtlSeconds: 900,
  refreshTokenTtlSeconds: 1000,
  refreshTokenMaxAgeSeconds: 2500,
  refreshGraceSeconds: 10,
  bcryptCost: 4,
  registration: 'open',
};

/** As in development: whoever comes first may make the first account. */
export const noSetup = {
  insistOnToken: () => undefined,
  finish: () => undefined,
} as unknown as SetupService;

/** The services of this feature, on repositories in memory and a clock that stands still. */
export function accountsInMemory(changes: Partial<AuthConfig> = {}) {
  const config = { ...fakeAuthConfig, ...changes };
  const users = new FakeUsers();
  const tokens = new FakeRefreshTokens();
  const clock = new FakeClock();
  const jwt = new JwtService({
    secret: config.jwtSecret,
    signOptions: { ...ACCESS_TOKEN, expiresIn: config.accessTokenTtlSeconds },
  });
  const database = {
    transaction: <T>(work: () => Promise<T>) => withScope({ transaction: true }, work),
  } as DatabaseService;
  const usersRepository = users as unknown as UsersRepository;
  const hasher = new PasswordHasher(config, bcrypt);
  const sessions = new SessionsService(
    usersRepository,
    tokens as unknown as RefreshTokensRepository,
    database,
    jwt,
    config,
    clock,
  );
  const auth = new AuthService(usersRepository, sessions, hasher, database, config, clock, noSetup);
  return { auth, sessions, hasher, users, tokens, clock, jwt, config };
}

/** What the promise was refused with; it must not be kept. */
export async function problemOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no problem',
    (error: { code: string }) => error.code,
  );
}
