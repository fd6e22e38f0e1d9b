import { afterEach, describe, expect, it, jest } from '@jest/globals';
import bcrypt from 'bcrypt';
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { fakeAuthConfig } from './accounts.fake.js';
import { PasswordHasherService } from './password-hasher.service.js';

const AT_ONCE = Math.min(2, availableParallelism());

describe(PasswordHasherService.name, () => {
  const hasher = new PasswordHasherService(fakeAuthConfig, bcrypt);

  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('accepts the password that was hashed, and no other', async () => {
    const hash = await hasher.hash('correct horse');
    expect(await hasher.verify('correct horse', hash)).toBe('right');
    expect(await hasher.verify('correct horsf', hash)).toBe('wrong');
  });

  it('tells the 72nd byte of a password from another', async () => {
    const hash = await hasher.hash('x'.repeat(72));
    expect(await hasher.verify('x'.repeat(71) + 'y', hash)).toBe('wrong');
  });

  it('accepts nothing where there is no hash', async () => {
    expect(await hasher.verify('anything', undefined)).toBe('wrong');
  });

  it('does the same work for an unknown user as for a wrong password', async () => {
    const hash = await hasher.hash('correct horse');
    const compare = jest.spyOn(bcrypt, 'compare');
    await hasher.verify('wrong horse', hash);
    await hasher.verify('wrong horse', undefined);
    const [known, decoy] = compare.mock.calls.map(([, given]) => given);
    expect(known).toBe(hash);
    expect(bcrypt.getRounds(decoy!)).toBe(bcrypt.getRounds(hash));
    // bcrypt refuses a malformed hash without any work: it must be able to hash with this salt.
    const again = await bcrypt.hash('any', decoy!.slice(0, 29));
    expect([again.slice(0, 29), again.length]).toEqual([decoy!.slice(0, 29), decoy!.length]);
  });

  it('notices hashes of another cost', async () => {
    const hash = await hasher.hash('correct horse');
    const costlier = new PasswordHasherService({ ...fakeAuthConfig, bcryptCost: 5 }, bcrypt);
    expect(await costlier.verify('correct horse', hash)).toBe('outdated');
  });

  it.each([
    ['grüße aus köln', 'grüße aus köln'.normalize('NFD')],
    ['Ångström ängström', '\u212bngström ängström'],
    ['한국어 암호 여덟 자', '한국어 암호 여덟 자'.normalize('NFD')],
    ['correct horse', 'correct\u00a0horse'],
    ['correct horse', 'correct\u3000horse'],
  ])('takes %j for the same password, however it was typed', async (one, other) => {
    expect(await hasher.verify(one, await hasher.hash(other))).not.toBe('wrong');
    expect(await hasher.verify(other, await hasher.hash(one))).not.toBe('wrong');
  });

  it.each(['Correct horse', 'correcthorse', 'correct  horse', ' correct horse', 'cörrect horse'])(
    'still tells %j from another password',
    async (other) => {
      expect(await hasher.verify(other, await hasher.hash('correct horse'))).toBe('wrong');
    },
  );

  it('accepts a password that was hashed byte by byte, and wants it hashed anew', async () => {
    const typed = 'grüße aus köln'.normalize('NFD');
    expect(await hasher.verify(typed, await bcrypt.hash(typed, 4))).toBe('outdated');
  });

  it('accepts no longer password for one that bcrypt would cut to it', async () => {
    const typed = 'u\u0308'.repeat(24);
    const hash = await bcrypt.hash(typed, 4);
    expect(await hasher.verify(typed, hash)).toBe('outdated');
    expect(await hasher.verify(`${typed}x`, hash)).toBe('wrong');
  });

  it('does as much work for an unknown user also where a password has two forms', async () => {
    const typed = 'grüße aus köln'.normalize('NFD');
    const hash = await hasher.hash('another');
    const compare = jest.spyOn(bcrypt, 'compare');
    await hasher.verify(typed, hash);
    await hasher.verify(typed, undefined);
    expect(compare.mock.calls.map(([text]) => text)).toEqual([
      typed.normalize('NFC'),
      typed,
      typed.normalize('NFC'),
      typed,
    ]);
  });

  it('hashes as many passwords at once as there are cores, two at most', async () => {
    let running = 0;
    let most = 0;
    const work = async (): Promise<string> => {
      most = Math.max(most, (running += 1));
      await setImmediate();
      running -= 1;
      return 'hash';
    };
    const hash = jest.spyOn(bcrypt, 'hash').mockImplementation(work as typeof bcrypt.hash);
    await Promise.all(Array.from({ length: 10 }, () => hasher.hash('correct horse')));
    expect(hash).toHaveBeenCalledTimes(10);
    expect(most).toBe(AT_ONCE);
  });

  it('gives its place up when bcrypt fails', async () => {
    jest.spyOn(bcrypt, 'hash').mockRejectedValue(new Error('broken') as never);
    for (let run = 0; run < 3; run += 1) {
      await expect(hasher.hash('correct horse')).rejects.toThrow('broken');
    }
    jest.restoreAllMocks();
    expect(await hasher.hash('correct horse')).toMatch(/^\$2b\$04\$/);
  });
});
