import { Logger } from '@nestjs/common';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { DataSource } from 'typeorm';
import type { AuthConfig } from '../../config/auth.config.js';
import type { LinksConfig } from '../../config/links.config.js';
import type { ServerConfig } from '../../config/server.config.js';
import { AuditEventsRepository } from '../../src/audit/audit-events.repository.js';
import { AuditService } from '../../src/audit/audit.service.js';
import { AccessTokens } from '../../src/auth/access-tokens.js';
import { AuthService } from '../../src/auth/auth.service.js';
import { fakeAuthConfig, FakeClock, noSetup, problemOf } from '../../src/auth/accounts.fake.js';
import { PasswordHasherService } from '../../src/auth/password-hasher.service.js';
import { RefreshTokenEntity } from '../../src/auth/refresh-token.entity.js';
import { SessionEntity } from '../../src/auth/session.entity.js';
import { SessionPurgeService } from '../../src/auth/session-purge.service.js';
import { SessionsRepository } from '../../src/auth/sessions.repository.js';
import { SessionsService } from '../../src/auth/sessions.service.js';
import { UserEntity } from '../../src/auth/user.entity.js';
import { UsersRepository } from '../../src/auth/users.repository.js';
import { DatabaseService } from '../../src/platform/database/database.service.js';
import { WorkspaceMemberEntity } from '../../src/workspaces/workspace-member.entity.js';
import { WorkspaceEntity } from '../../src/workspaces/workspace.entity.js';
import { WorkspacesRepository } from '../../src/workspaces/workspaces.repository.js';
import { WorkspacesService } from '../../src/workspaces/workspaces.service.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

const ADA = { email: 'ada@example.com', password: 'long enough' };
const PEOPLE = Array.from({ length: 8 }, (_, n) => ({ ...ADA, email: `person-${n}@example.com` }));

describe('accounts on PostgreSQL, served by two processes', () => {
  const clock = new FakeClock();
  let database: TestDatabase;
  let one: Process;
  let two: Process;
  const either = (n: number) => (n % 2 === 0 ? one : two);
  const start = async (changes: Partial<AuthConfig> = {}) => {
    one = await startProcess(database.url, clock, changes);
    two = await startProcess(database.url, clock, changes);
  };
  const stop = () => Promise.all([one.dataSource.destroy(), two.dataSource.destroy()]);
  const count = (table: string) =>
    one.dataSource.query<[{ count: number }]>(`SELECT count(*)::int FROM ${table}`);

  beforeAll(() => Logger.overrideLogger(false));

  beforeEach(async () => {
    clock.milliseconds = Date.now();
    database = await createDatabase();
    await start();
  });

  afterEach(async () => {
    await stop();
    await database.drop();
  });

  it('makes one administrator of eight who register first at once', async () => {
    const sessions = await Promise.all(PEOPLE.map((person, n) => either(n).auth.register(person)));
    const roles = sessions.map(({ user }) => user.role).toSorted();
    expect(roles).toEqual(['admin', ...Array<string>(7).fill('member')]);
  });

  it('lets one of eight in while registration is closed', async () => {
    await stop();
    await start({ registration: 'closed' });
    const codes = await Promise.all(
      PEOPLE.map((person, n) => problemOf(either(n).auth.register(person))),
    );
    expect(codes.filter((code) => code === 'no problem')).toHaveLength(1);
    expect(codes.filter((code) => code === 'registration-closed')).toHaveLength(7);
    expect(await count('users')).toEqual([{ count: 1 }]);
  });

  it('gives an address to one of eight who want it', async () => {
    const codes = await Promise.all(PEOPLE.map((_, n) => problemOf(either(n).auth.register(ADA))));
    expect(codes.filter((code) => code === 'no problem')).toHaveLength(1);
    expect(codes.filter((code) => code === 'email-taken')).toHaveLength(7);
    expect(await count('workspaces')).toEqual([{ count: 1 }]);
  });

  it('gives everybody a workspace of their own', async () => {
    const { user } = await one.auth.register({ ...ADA, name: 'Ada' });
    const stranger = await two.auth.register(PEOPLE[0]!);
    const { workspaceId } = await two.workspaces.home(user.id);
    const membership = { workspaceId, userId: user.id, role: 'owner' };
    expect(await one.workspaces.membership(user.id, workspaceId)).toEqual(membership);
    expect(await one.workspaces.membership(stranger.user.id, workspaceId)).toBeUndefined();
    expect(await one.workspaces.workspaceIdsOf(user.id, 'links:read')).toEqual([workspaceId]);
  });

  it('registers nobody if they cannot have a workspace', async () => {
    one.auth.onRegistration({ onRegistered: () => Promise.reject(new Error('no room')) });
    await expect(one.auth.register(ADA)).rejects.toThrow('no room');
    for (const table of [
      'users',
      'workspaces',
      'workspace_members',
      'sessions',
      'refresh_tokens',
    ]) {
      expect([table, await count(table)]).toEqual([table, [{ count: 0 }]]);
    }
  });

  it('gives ten parallel refreshes of one token the same successor, in every process', async () => {
    const { user, refreshToken } = await one.auth.register(ADA);
    const pairs = await Promise.all(
      Array.from({ length: 10 }, (_, n) => either(n).sessions.refresh(refreshToken)),
    );
    expect(new Set(pairs.map((pair) => pair.refreshToken)).size).toBe(1);
    expect(await count('refresh_tokens')).toEqual([{ count: 2 }]);
    for (const [n, { accessToken }] of pairs.entries()) {
      expect(await either(n).sessions.authenticate(accessToken)).toMatchObject({ id: user.id });
    }
    await two.sessions.refresh(pairs[0]!.refreshToken);
  });

  it('knows a replay by the use of its successor, whichever process saw that', async () => {
    const first = await one.auth.register(ADA);
    const next = await one.sessions.refresh(first.refreshToken);
    const newest = await two.sessions.refresh(next.refreshToken);
    expect(await problemOf(one.sessions.refresh(first.refreshToken))).toBe(REFUSED);
    expect(await problemOf(two.sessions.refresh(newest.refreshToken))).toBe(REFUSED);
    expect(await count('sessions')).toEqual([{ count: 0 }]);
  });

  it('ends the session of a token that comes back too late, for every process', async () => {
    const first = await one.auth.register(ADA);
    const newest = await one.sessions.refresh(first.refreshToken);
    clock.milliseconds += 11_000;
    expect(await problemOf(two.sessions.refresh(first.refreshToken))).toBe('invalid-refresh-token');
    expect(await problemOf(one.sessions.refresh(newest.refreshToken))).toBe(
      'invalid-refresh-token',
    );
    expect(await problemOf(two.sessions.authenticate(newest.accessToken))).toBe('unauthenticated');
    expect(await count('sessions')).toEqual([{ count: 0 }]);
    expect(await count('refresh_tokens')).toEqual([{ count: 0 }]);
  });

  it('leaves no token alive when one is exchanged while its session ends', async () => {
    let { refreshToken } = await one.auth.register(ADA);
    for (let round = 0; round < 20; round += 1) {
      const newest = await one.sessions.refresh(refreshToken);
      clock.milliseconds += 11_000;
      const pairs = [newest];
      await Promise.all([
        problemOf(one.sessions.refresh(newest.refreshToken).then((pair) => pairs.push(pair))),
        round % 2 === 0
          ? problemOf(two.sessions.refresh(refreshToken))
          : two.sessions.close(newest.refreshToken),
      ]);
      expect(await count('sessions')).toEqual([{ count: 0 }]);
      expect(await count('refresh_tokens')).toEqual([{ count: 0 }]);
      for (const { accessToken } of pairs) {
        expect(await problemOf(two.sessions.authenticate(accessToken))).toBe('unauthenticated');
      }
      ({ refreshToken } = await one.auth.login(ADA));
    }
  });

  it('survives logins, refreshes and logouts of one user all at once', async () => {
    const { refreshToken } = await one.auth.register(ADA);
    const codes = await Promise.all(
      Array.from({ length: 24 }, (_, n) => {
        if (n === 20) return problemOf(one.sessions.close(refreshToken));
        if (n % 3 === 0) return problemOf(either(n).auth.login(ADA));
        return problemOf(either(n).sessions.refresh(refreshToken));
      }),
    );
    expect(new Set(codes)).toEqual(new Set(codes.includes(REFUSED) ? [OK, REFUSED] : [OK]));
    expect(await problemOf(one.sessions.refresh(refreshToken))).toBe(REFUSED);
  });

  it('takes everything of a user along when they are deleted', async () => {
    const { accessToken } = await one.auth.register(ADA);
    await one.dataSource.query('DELETE FROM users');
    expect(await problemOf(one.sessions.authenticate(accessToken))).toBe('unauthenticated');
    for (const table of ['sessions', 'refresh_tokens', 'workspace_members']) {
      expect([table, await count(table)]).toEqual([table, [{ count: 0 }]]);
    }
  });

  it('lets nobody in with a session of somebody else, or while they are disabled', async () => {
    const ada = await one.auth.register(ADA);
    const bob = await one.auth.register(PEOPLE[0]!);
    const { sid } = one.accessTokens.verify(ada.accessToken);
    const mixed = await one.accessTokens.sign({ sub: bob.user.id, sid });
    expect(await problemOf(one.sessions.authenticate(mixed))).toBe('unauthenticated');
    await one.dataSource.query('UPDATE users SET disabled_at = now()');
    expect(await problemOf(one.sessions.authenticate(ada.accessToken))).toBe('unauthenticated');
  });

  it('purges what has expired, also of users who never come back, and nothing else', async () => {
    clock.milliseconds -= 2_000_000;
    const left = await one.auth.register(ADA);
    await one.sessions.refresh(left.refreshToken);
    const stays = await one.auth.register(PEOPLE[0]!);
    clock.milliseconds += 999_000;
    const next = await one.sessions.refresh(stays.refreshToken);
    clock.milliseconds += 500_000;
    const newest = await one.sessions.refresh(next.refreshToken);
    clock.milliseconds = Date.now();
    await Promise.all([one.purge.purge(), two.purge.purge()]);
    // Whoever found the other one at work left it to them.
    await one.purge.purge();
    expect(await count('sessions')).toEqual([{ count: 1 }]);
    expect(await count('refresh_tokens')).toEqual([{ count: 1 }]);
    expect((await two.sessions.refresh(newest.refreshToken)).user).toEqual(stays.user);
  });
});

const OK = 'no problem';
const REFUSED = 'invalid-refresh-token';

type Process = Awaited<ReturnType<typeof startProcess>>;

/** What one process has of this: connections, and services that know nothing of the other one. */
async function startProcess(url: string, clock: FakeClock, changes: Partial<AuthConfig>) {
  const dataSource = await new DataSource({
    type: 'postgres',
    url,
    poolSize: 5,
    entities: [
      UserEntity,
      SessionEntity,
      RefreshTokenEntity,
      WorkspaceEntity,
      WorkspaceMemberEntity,
    ],
  }).initialize();
  const config: AuthConfig = { ...fakeAuthConfig, ...changes };
  const database = new DatabaseService(dataSource);
  const users = new UsersRepository(database);
  const repository = new SessionsRepository(database);
  const accessTokens = new AccessTokens(config, clock);
  const purge = new SessionPurgeService(database, repository);
  const hasher = new PasswordHasherService(config, bcrypt);
  const audit = new AuditService(new AuditEventsRepository(database), database, clock);
  const sessions = new SessionsService(
    users,
    repository,
    accessTokens,
    database,
    config,
    clock,
    audit,
  );
  const auth = new AuthService(users, sessions, hasher, database, config, clock, noSetup, audit);
  const workspaces = new WorkspacesService(
    new WorkspacesRepository(database),
    auth,
    database,
    clock,
    { maxWorkspacesPerUser: 0 } as LinksConfig,
    { publicUrl: 'https://go.example.com' } as ServerConfig,
    audit,
  );
  workspaces.onModuleInit();
  return { dataSource, auth, sessions, accessTokens, purge, workspaces };
}
