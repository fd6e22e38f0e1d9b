import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { accountsInMemory, problemOf } from './accounts.fake.js';
import type { Session } from './auth.types.js';
import { SessionsService } from './sessions.service.js';

describe(SessionsService.name, () => {
  let accounts: ReturnType<typeof accountsInMemory>;
  let session: Session;
  let warn: jest.SpiedFunction<Logger['warn']>;
  const refresh = (token = session.refreshToken) => accounts.sessions.refresh(token);
  const pass = (seconds: number) => (accounts.clock.milliseconds += seconds * 1000);

  beforeEach(async () => {
    warn = jest.spyOn(Logger.prototype, 'warn').mockReset();
    accounts = accountsInMemory();
    session = await accounts.auth.register({ email: 'ada@example.com', password: 'long enough' });
  });

  it('stores no token that could be used', async () => {
    const next = await refresh();
    const stored = JSON.stringify([accounts.repository.rows, accounts.repository.tokens]);
    for (const { refreshToken } of [session, next]) {
      expect(refreshToken).toMatch(/^spr_[\w-]{43}$/);
      expect(stored).not.toContain(refreshToken);
    }
  });

  it('lets an old token lead to its successor only, whoever has a copy of what is stored', async () => {
    await refresh((await refresh()).refreshToken);
    const [first, second, newest] = accounts.repository.tokens;
    expect([first!.successorId, second!.successorId]).toEqual([second!.id, newest!.id]);
    expect([first!.derivationSalt, second!.derivationSalt]).toEqual([null, null]);
  });

  it('exchanges a refresh token for a new pair', async () => {
    const next = await refresh();
    expect(next.refreshToken).not.toBe(session.refreshToken);
    expect(next.user).toEqual(session.user);
    expect((await refresh(next.refreshToken)).user).toEqual(session.user);
  });

  it('gives a token that comes ten times at once one successor, each with an access token', async () => {
    const pairs = [];
    for (let time = 0; time < 10; time += 1) pairs.push(await refresh());
    expect(new Set(pairs.map((pair) => pair.refreshToken)).size).toBe(1);
    expect(new Set(pairs.map((pair) => pair.accessToken)).size).toBe(10);
    for (const { accessToken } of pairs) await accounts.sessions.authenticate(accessToken);
    expect(accounts.repository.tokens).toHaveLength(2);
  });

  it('ends the session when a spent token comes back after the grace, and warns', async () => {
    const next = await refresh();
    pass(11);
    expect(await problemOf(refresh())).toBe('invalid-refresh-token');
    expect(await problemOf(refresh(next.refreshToken))).toBe('invalid-refresh-token');
    expect(await problemOf(accounts.sessions.authenticate(next.accessToken))).toBe(
      'unauthenticated',
    );
    expect(accounts.repository.rows).toEqual([]);
    expect(warn.mock.calls).toEqual([[expect.stringContaining(session.user.id)]]);
    expect(warn.mock.calls.join()).not.toContain(session.refreshToken);
  });

  it('ends the session when a token comes back whose successor was used, whatever the grace', async () => {
    const next = await refresh();
    await refresh(next.refreshToken);
    expect(await problemOf(refresh())).toBe('invalid-refresh-token');
    expect(accounts.repository.tokens).toEqual([]);
  });

  it('counts the grace from the first use, so that it cannot be prolonged', async () => {
    await refresh();
    pass(9);
    await refresh();
    pass(9);
    expect(await problemOf(refresh())).toBe('invalid-refresh-token');
  });

  it('leaves other sessions of the user alone', async () => {
    const other = await accounts.auth.login({ email: 'ada@example.com', password: 'long enough' });
    await accounts.sessions.close(session.refreshToken);
    expect(await problemOf(refresh())).toBe('invalid-refresh-token');
    expect((await refresh(other.refreshToken)).user).toEqual(session.user);
  });

  it('knows the user of an access token until the session is over', async () => {
    const { id, email, role } = session.user;
    const authenticate = () => accounts.sessions.authenticate(session.accessToken);
    const sessionId = accounts.repository.rows[0]!.id;
    expect(await authenticate()).toEqual({ id, email, role, sessionId });
    await accounts.sessions.close(session.refreshToken);
    expect(await problemOf(authenticate())).toBe('unauthenticated');
  });

  it('notes once a minute that a session is used', async () => {
    const noteUse = jest.spyOn(accounts.repository, 'noteUse');
    for (let second = 0; second < 150; second += 1) {
      pass(1);
      await accounts.sessions.authenticate(session.accessToken);
    }
    expect(noteUse).toHaveBeenCalledTimes(2);
    expect(accounts.repository.rows[0]!.lastUsedAt.getTime()).toBeGreaterThan(
      accounts.clock.milliseconds - 60_000,
    );
  });

  it('ends access tokens with the greatest age of their session', async () => {
    for (let step = 0; step < 3; step += 1) {
      pass(800);
      session = await refresh();
    }
    pass(100);
    expect(await problemOf(accounts.sessions.authenticate(session.accessToken))).toBe(
      'unauthenticated',
    );
  });

  it('refuses a token that was not used in time', async () => {
    pass(1000);
    expect(await problemOf(refresh())).toBe('invalid-refresh-token');
  });

  it('ends a session at its greatest age, however often it was refreshed', async () => {
    for (let step = 0; step < 3; step += 1) {
      pass(800);
      session = await refresh();
    }
    pass(99);
    session = await refresh();
    pass(1);
    expect(await problemOf(refresh())).toBe('invalid-refresh-token');
  });

  it('refuses a disabled user, who can still log out', async () => {
    accounts.users.rows[0]!.disabledAt = new Date();
    expect(await problemOf(refresh())).toBe('invalid-refresh-token');
    expect(await problemOf(accounts.sessions.authenticate(session.accessToken))).toBe(
      'unauthenticated',
    );
    expect(await problemOf(accounts.sessions.open(session.user))).toBe('invalid-credentials');
    await accounts.sessions.close(session.refreshToken);
    expect(accounts.repository.rows).toEqual([]);
  });

  it.each(['', 'spr_', 'nonsense', `spr_${'a'.repeat(43)}`, `spr_${'a'.repeat(44)}`, '\0'])(
    'refuses %j, and lets it log out',
    async (token) => {
      expect(await problemOf(refresh(token))).toBe('invalid-refresh-token');
      await accounts.sessions.close(token);
    },
  );

  it('logs out as often as it is asked to', async () => {
    const next = await refresh();
    await accounts.sessions.close(session.refreshToken);
    await accounts.sessions.close(session.refreshToken);
    expect(await problemOf(refresh(next.refreshToken))).toBe('invalid-refresh-token');
  });
});
