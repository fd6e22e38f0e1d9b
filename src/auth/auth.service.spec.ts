import { Logger } from '@nestjs/common';
import bcrypt from 'bcrypt';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { currentRequest } from '../common/request-context.js';
import { accountsInMemory, problemOf } from './accounts.fake.js';
import { AuthService } from './auth.service.js';
import type { Account } from './auth.types.js';

const ADA = { email: 'ada@example.com', password: 'long enough' };
const BOB = { email: 'bob@example.com', password: 'long enough' };

describe(AuthService.name, () => {
  let accounts: ReturnType<typeof accountsInMemory>;
  let auth: AuthService;

  beforeEach(() => {
    accounts = accountsInMemory();
    auth = accounts.auth;
  });

  it('makes the first user the administrator, and later ones members', async () => {
    expect((await auth.register(ADA)).user.role).toBe('admin');
    expect((await auth.register(BOB)).user.role).toBe('member');
  });

  it('keeps the password to itself', async () => {
    const { user } = await auth.register(ADA);
    expect(Object.keys(user).toSorted()).toEqual(['createdAt', 'email', 'id', 'name', 'role']);
    expect(accounts.users.rows[0]!.passwordHash).toMatch(/^\$2b\$04\$/);
  });

  it('knows an address in any case', async () => {
    await auth.register({ ...ADA, email: 'Ada@Example.com' });
    expect(await problemOf(auth.register(ADA))).toBe('email-taken');
    expect((await auth.login({ ...ADA, email: 'ADA@example.COM' })).user.email).toBe(ADA.email);
  });

  it.each([
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@bücher.example', 'Ada@BÜCHER.example'],
    ['ada@bücher.example', 'ada@bücher.example'.normalize('NFD')],
    ['ada@xn--bcher-kva.example', 'ada@XN--BCHER-KVA.example'],
    ['zoë@example.com', 'zoë@example.com'.normalize('NFD')],
    ['zoë@example.com', 'ZOË@example.com'.normalize('NFD')],
    ['ada@faß.example', 'ada@xn--fa-hia.example'],
  ])('takes %s and %s for one account', async (one, other) => {
    for (const [first, second] of [
      [one, other],
      [other, one],
    ]) {
      accounts = accountsInMemory();
      const { user } = await accounts.auth.register({ ...ADA, email: first! });
      expect(await problemOf(accounts.auth.register({ ...BOB, email: second! }))).toBe(
        'email-taken',
      );
      expect((await accounts.auth.login({ ...ADA, email: second! })).user).toEqual(user);
    }
  });

  it.each([
    ['ada@bücher.example', 'ada@bucher.example'],
    ['zoë@example.com', 'zoe@example.com'],
    ['ada@example.com', 'ada@example.com.example'],
    ['ada@faß.example', 'ada@fass.example'],
  ])('takes %s and %s for two', async (one, other) => {
    await auth.register({ ...ADA, email: one });
    expect((await auth.register({ ...BOB, email: other })).user.email).toBe(other);
  });

  it.each([
    ['ada@xn--bcher-kva.example', 'ada@bücher.example'],
    ['zoe\u0308@example.com', 'zoë@example.com'],
    ['ada@bu\u0308cher.example', 'ada@xn--bcher-kva.example'],
  ])('finds the account that was once stored as %s by %s', async (stored, typed) => {
    await auth.register(ADA);
    accounts.users.rows[0]!.email = stored;
    for (const email of [stored, typed]) {
      expect((await auth.login({ ...ADA, email })).user.email).toBe(stored);
      expect(await problemOf(auth.register({ ...BOB, email }))).toBe('email-taken');
    }
  });

  it('makes an old hash of a password in another form good for all forms', async () => {
    const typed = 'grüße aus köln'.normalize('NFD');
    await auth.register(ADA);
    accounts.users.rows[0]!.passwordHash = await bcrypt.hash(typed, 4);
    await auth.login({ ...ADA, password: typed });
    const again = await auth.login({ ...ADA, password: typed.normalize('NFC') });
    expect(again.user.email).toBe(ADA.email);
  });

  it('lets only the first user in while registration is closed', async () => {
    accounts = accountsInMemory({ registration: 'closed' });
    expect((await accounts.auth.register(ADA)).user.role).toBe('admin');
    const hash = jest.spyOn(accounts.hasher, 'hash');
    expect(await problemOf(accounts.auth.register(BOB))).toBe('registration-closed');
    expect(hash).not.toHaveBeenCalled();
  });

  it('refuses the loser of a race to be the first while registration is closed', async () => {
    accounts = accountsInMemory({ registration: 'closed' });
    const codes = await Promise.all(
      [ADA, BOB].map((person) => problemOf(accounts.auth.register(person))),
    );
    expect(codes.toSorted()).toEqual(['no problem', 'registration-closed']);
  });

  it('lets others take part in the transaction of a registration', async () => {
    const seen: Account[] = [];
    auth.onRegistration({
      onRegistered: async (user) => {
        expect(currentRequest()?.transaction).toBeDefined();
        seen.push(user);
      },
    });
    const { user } = await auth.register({ ...ADA, name: 'Ada' });
    expect(seen).toEqual([user]);
  });

  it('answers alike, after as many bcrypt runs, to unknown, wrong and disabled', async () => {
    await auth.register(ADA);
    await auth.register(BOB);
    accounts.users.rows[1]!.disabledAt = new Date();
    const attempts = [{ ...ADA, email: 'x@example.com' }, { ...ADA, password: 'wrong one' }, BOB];
    const refusals = [];
    for (const attempt of attempts) {
      const verify = jest.spyOn(accounts.hasher, 'verify');
      const refusal = await auth.login(attempt).catch((error: object) => error);
      refusals.push({ ...refusal, runs: verify.mock.calls.length });
      verify.mockRestore();
    }
    expect(refusals[0]).toMatchObject({ code: 'invalid-credentials', runs: 1 });
    expect(refusals[1]).toEqual(refusals[0]);
    expect(refusals[2]).toEqual(refusals[0]);
  });

  it('lets nobody in by the old password who sent it before it was changed', async () => {
    jest.spyOn(Logger.prototype, 'log').mockImplementationOnce(() => undefined);
    const { accessToken } = await auth.register(ADA);
    const user = await accounts.sessions.authenticate(accessToken);
    const verify = accounts.hasher.verify.bind(accounts.hasher);
    jest.spyOn(accounts.hasher, 'verify').mockImplementationOnce(async (...password) => {
      const verdict = await verify(...password);
      const change = { currentPassword: ADA.password, newPassword: 'something else' };
      await auth.changePassword(user, change);
      return verdict;
    });
    expect(await problemOf(auth.login(ADA))).toBe('invalid-credentials');
    expect(accounts.repository.rows).toHaveLength(1);
    expect(await problemOf(auth.login({ ...ADA, password: 'something else' }))).toBe('no problem');
  });

  it('lets no session change the password that was ended a moment ago', async () => {
    const { accessToken } = await auth.register(ADA);
    const thief = await accounts.sessions.authenticate(accessToken);
    const own = await accounts.sessions.authenticate((await auth.login(ADA)).accessToken);
    await accounts.sessions.endOthers(own);
    const change = { currentPassword: ADA.password, newPassword: 'something else' };
    expect(await problemOf(auth.changePassword(thief, change))).toBe('unauthenticated');
    expect(await problemOf(auth.login(ADA))).toBe('no problem');
  });

  it('renews the hash at login when the cost has changed, and only then', async () => {
    await auth.register(ADA);
    const before = accounts.users.rows[0]!.passwordHash;
    await auth.login(ADA);
    expect(accounts.users.rows[0]!.passwordHash).toBe(before);
    accounts.config.bcryptCost = 5;
    await auth.login(ADA);
    expect(accounts.users.rows[0]!.passwordHash).toMatch(/^\$2b\$05\$/);
    expect((await auth.login(ADA)).user.email).toBe(ADA.email);
  });

  it('refuses a user who is no longer there', async () => {
    expect(await problemOf(auth.account('00000000-0000-7000-8000-000000000000'))).toBe(
      'unauthenticated',
    );
  });
});
