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

  it('puts the user and nothing else personal into the access token', () => {
    const claims = accounts.jwt.decode<object>(session.accessToken);
    expect(claims).toEqual({
      sub: session.user.id,
      iss: 'signpost',
      aud: 'signpost-api',
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
    expect(session.expiresIn).toBe(900);
  });

  it('stores no token that could be used', () => {
    expect(JSON.stringify(accounts.tokens.rows)).not.toContain(session.refreshToken);
    expect(session.refreshToken).toMatch(/^spr_[\w-]{43}$/);
  });

  it('exchanges a refresh token for a new pair', async () => {
    const next = await refresh();
    expect(next.refreshToken).not.toBe(session.refreshToken);
    expect(next.user).toEqual(session.user);
    expect((await refresh(next.refreshToken)).user).toEqual(session.user);
  });

  it('gives each of ten parallel refreshes a pair that works', async () => {
    const pairs = await Promise.all(Array.from({ length: 10 }, () => refresh()));
    expect(new Set(pairs.map((pair) => pair.refreshToken)).size).toBe(10);
    for (const pair of pairs) await refresh(pair.refreshToken);
  });

  it('ends the family when a used token comes back after the grace, and warns', async () => {
    const next = await refresh();
    pass(11);
    expect(await problemOf(refresh())).toBe('invalid-refresh-token');
    expect(await problemOf(refresh(next.refreshToken))).toBe('invalid-refresh-token');
    expect(accounts.tokens.rows).toEqual([]);
    expect(warn.mock.calls).toEqual([[expect.stringContaining(session.user.id)]]);
    expect(warn.mock.calls.join()).not.toContain(session.refreshToken);
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

  it('refuses a disabled user', async () => {
    accounts.users.rows[0]!.disabledAt = new Date();
    expect(await problemOf(refresh())).toBe('invalid-refresh-token');
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

  it('forgets expired tokens when the user logs in again', async () => {
    pass(1001);
    await accounts.auth.login({ email: 'ada@example.com', password: 'long enough' });
    expect(accounts.tokens.rows).toHaveLength(1);
  });
});
