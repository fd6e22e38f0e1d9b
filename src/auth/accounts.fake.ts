import bcrypt from 'bcrypt';
import type { AuthConfig } from '../../config/auth.config.js';
import type { AuditService } from '../audit/audit.service.js';
import { Clock } from '../common/clock.js';
import { withScope } from '../common/request-context.js';
import type { DatabaseService } from '../platform/database/database.service.js';
import { AccessTokens } from './access-tokens.js';
import { emailTaken } from './auth.problems.js';
import { AuthService } from './auth.service.js';
import type { SessionClient, UserRole } from './auth.types.js';
import { knownAddresses } from '../common/email-address.js';
import { PasswordHasherService } from './password-hasher.service.js';
import type { RefreshTokenEntity } from './refresh-token.entity.js';
import type { SessionEntity } from './session.entity.js';
import type { SessionsRepository, SessionUser } from './sessions.repository.js';
import { SessionsService } from './sessions.service.js';
import type { SetupService } from './setup.service.js';
import type { UserEntity } from './user.entity.js';
import type { UsersRepository } from './users.repository.js';

type Methods<T> = Pick<T, keyof T>;

export class FakeUsers implements Methods<UsersRepository> {
  readonly rows: UserEntity[] = [];

  findById = async (id: string) => this.rows.find((user) => user.id === id);
  findByEmail = async (email: string) =>
    this.rows.find((user) => knownAddresses(email).includes(user.email));
  exists = async () => this.rows.length > 0;
  roleOfNextUser = async (): Promise<UserRole> => (this.rows.length > 0 ? 'member' : 'admin');
  lock = this.findById;

  async add(user: UserEntity): Promise<void> {
    if (await this.findByEmail(user.email)) throw emailTaken();
    this.rows.push(user);
  }

  async changePassword(id: string, passwordHash: string, passwordChangedAt: Date): Promise<void> {
    const index = this.rows.findIndex((user) => user.id === id);
    this.rows[index] = { ...this.rows[index]!, passwordHash, passwordChangedAt };
  }

  async replacePasswordHash(id: string, old: string, passwordHash: string): Promise<void> {
    const user = await this.findById(id);
    if (user?.passwordHash === old) user.passwordHash = passwordHash;
  }
}

export class FakeSessions implements Methods<SessionsRepository> {
  rows: SessionEntity[] = [];
  tokens: RefreshTokenEntity[] = [];

  constructor(private readonly users: FakeUsers) {}

  async findUser(id: string, userId: string, now: Date): Promise<SessionUser | undefined> {
    const session = this.rows.find((row) => row.id === id && row.userId === userId);
    const user = await this.users.findById(userId);
    if (!user || user.disabledAt || !session || session.expiresAt <= now) return undefined;
    const { lastUsedAt } = session;
    return { id: user.id, email: user.email, role: user.role, lastUsedAt };
  }

  async add(session: SessionEntity): Promise<void> {
    this.rows.push(session);
  }

  findPage = async (userId: string, now: Date) =>
    this.rows.filter((row) => row.userId === userId && row.expiresAt > now).toReversed();

  async noteUse(id: string, lastUsedAt: Date): Promise<void> {
    Object.assign(
      this.rows.find((session) => session.id === id)!,
      { lastUsedAt },
    );
  }

  async prolong(
    id: string,
    lastUsedAt: Date,
    expiresAt: Date,
    client?: SessionClient,
  ): Promise<void> {
    Object.assign(
      this.rows.find((session) => session.id === id)!,
      { lastUsedAt, expiresAt, ...client },
    );
  }

  async endOf(userId: string, id: string): Promise<boolean> {
    const isOwn = this.rows.some((session) => session.id === id && session.userId === userId);
    if (isOwn) await this.end(id);
    return isOwn;
  }

  async endOthers(userId: string, id: string): Promise<string[]> {
    const others = this.rows.filter((session) => session.userId === userId && session.id !== id);
    for (const other of others) await this.end(other.id);
    return others.map((other) => other.id);
  }

  async end(id: string): Promise<void> {
    this.rows = this.rows.filter((session) => session.id !== id);
    this.tokens = this.tokens.filter(({ sessionId }) => sessionId !== id);
  }

  findToken = async (key: { id?: string; tokenHash?: Buffer }) =>
    this.tokens.find(({ id, tokenHash }) =>
      key.tokenHash ? tokenHash.equals(key.tokenHash) : id === key.id,
    );

  async addToken(token: RefreshTokenEntity): Promise<void> {
    this.tokens.push(token);
  }

  async spendToken(id: string, usedAt: Date, successorId: string): Promise<void> {
    const token = this.tokens.find((row) => row.id === id)!;
    Object.assign(token, { usedAt, successorId, derivationSalt: null });
  }

  purgeExpired = async () => 0;
}

export class FakeClock extends Clock {
  milliseconds = Date.now();

  override now(): number {
    return this.milliseconds;
  }
}

export const fakeAuthConfig: AuthConfig = {
  jwtSecret: 'a secret that only the tests know, and long enough',
  jwtPreviousSecrets: [],
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

/** Keeps nothing on record. */
export const noAudit = { record: () => Promise.resolve() } as unknown as AuditService;

/** The services of this feature, on repositories in memory and a clock that stands still. */
export function accountsInMemory(changes: Partial<AuthConfig> = {}) {
  const config = { ...fakeAuthConfig, ...changes };
  const users = new FakeUsers();
  const repository = new FakeSessions(users);
  const clock = new FakeClock();
  const database = {
    transaction: <T>(work: () => Promise<T>) => withScope({ transaction: true }, work),
  } as DatabaseService;
  const usersRepository = users as unknown as UsersRepository;
  const hasher = new PasswordHasherService(config, bcrypt);
  const sessions = new SessionsService(
    usersRepository,
    repository as unknown as SessionsRepository,
    new AccessTokens(config, clock),
    database,
    config,
    clock,
    noAudit,
  );
  const auth = new AuthService(
    usersRepository,
    sessions,
    hasher,
    database,
    config,
    clock,
    noSetup,
    noAudit,
  );
  return { auth, sessions, hasher, users, repository, clock, config };
}

/** What the promise was refused with; it must not be kept. */
export async function problemOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no problem',
    (error: { code: string }) => error.code,
  );
}
