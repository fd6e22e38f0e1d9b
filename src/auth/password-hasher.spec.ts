import { describe, expect, it } from '@jest/globals';
import { fakeAuthConfig } from './accounts.fake.js';
import { PasswordHasher } from './password-hasher.js';

describe(PasswordHasher.name, () => {
  const hasher = new PasswordHasher(fakeAuthConfig);

  it('accepts the password that was hashed, and no other', async () => {
    const hash = await hasher.hash('correct horse');
    expect(await hasher.verify('correct horse', hash)).toBe(true);
    expect(await hasher.verify('correct horsf', hash)).toBe(false);
  });

  it('tells the 72nd byte of a password from another', async () => {
    const hash = await hasher.hash('x'.repeat(72));
    expect(await hasher.verify('x'.repeat(71) + 'y', hash)).toBe(false);
  });

  it('accepts nothing where there is no hash', async () => {
    expect(await hasher.verify('anything', undefined)).toBe(false);
  });

  it('works as long for an unknown user as for a wrong password', async () => {
    const slow = new PasswordHasher({ ...fakeAuthConfig, bcryptCost: 9 });
    const hash = await slow.hash('correct horse');
    const known = await timed(() => slow.verify('wrong horse', hash));
    const unknown = await timed(() => slow.verify('wrong horse', undefined));
    expect(unknown / known).toBeGreaterThan(0.5);
    expect(unknown / known).toBeLessThan(2);
  });

  it('notices hashes of another cost', async () => {
    const hash = await hasher.hash('correct horse');
    expect(hasher.isOutdated(hash)).toBe(false);
    expect(new PasswordHasher({ ...fakeAuthConfig, bcryptCost: 5 }).isOutdated(hash)).toBe(true);
  });

  it('turns away whoever comes after two running and fifty waiting, and only them', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 55 }, () => hasher.hash('correct horse')),
    );
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(3);
    expect(refused[0]!.reason).toMatchObject({
      code: 'too-many-requests',
      headers: { 'retry-after': '5' },
    });
    expect(await hasher.hash('correct horse')).toMatch(/^\$2b\$04\$/);
  });

  it('leaves half of the threads to others', async () => {
    const slow = new PasswordHasher({ ...fakeAuthConfig, bcryptCost: 8 });
    const order: string[] = [];
    const hashes = Array.from({ length: 4 }, async (_, index) => {
      await slow.hash('correct horse');
      order.push(`hash ${index}`);
    });
    await hashes[1];
    expect(order.toSorted()).toEqual(['hash 0', 'hash 1']);
    await Promise.all(hashes);
  });
});

/** The quickest of several runs: the least disturbed by what else the machine does. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  let best = Infinity;
  for (let run = 0; run < 5; run += 1) {
    const start = performance.now();
    await work();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}
