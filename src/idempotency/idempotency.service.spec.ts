import { beforeEach, describe, expect, it } from '@jest/globals';
import type { AuthConfig } from '../../config/auth.config.js';
import type { DatabaseConfig } from '../../config/database.config.js';
import { ProblemError } from '../common/problem/problem.error.js';
import type { DatabaseService } from '../platform/database/database.service.js';
import type { Claim, IdempotencyKeysRepository, OwnedKey } from './idempotency-keys.repository.js';
import { IdempotencyService } from './idempotency.service.js';
import type { Answer, KeyedRequest } from './idempotency.types.js';

/** Rows in memory, with the rollback of a transaction that failed. */
class FakeKeys {
  rows = new Map<string, Buffer>();
  storedKibibytes = 0;

  async claim({ keyHash }: OwnedKey): Promise<Claim> {
    const usedBefore = this.rows.get(keyHash.toString('hex'));
    return usedBefore ? { usedBefore } : { storedKibibytes: this.storedKibibytes };
  }

  async storeAnswer({ keyHash }: OwnedKey, answer: Buffer): Promise<void> {
    this.rows.set(keyHash.toString('hex'), answer);
  }

  async release(keyHash: Buffer): Promise<void> {
    this.rows.delete(keyHash.toString('hex'));
  }
}

const database = {
  isDown: false,
  /** Throws at once, as the real one does before the first connection. */
  transaction<T>(work: () => Promise<T>): Promise<T> {
    if (this.isDown) throw new ProblemError('database-unavailable');
    return work();
  },
};
const request: KeyedRequest = {
  userId: '1',
  key: 'order-17',
  method: 'POST',
  path: '/api/v1/links',
  body: { url: 'https://example.com' },
};
const created: Answer = { status: 201, headers: { location: '/1' }, body: { id: 1 } };

function serviceWith(
  keys: FakeKeys,
  jwtSecret = 's'.repeat(32),
  jwtPreviousSecrets: string[] = [],
): IdempotencyService {
  return new IdempotencyService(
    database as unknown as DatabaseService,
    keys as unknown as IdempotencyKeysRepository,
    { jwtSecret, jwtPreviousSecrets } as AuthConfig,
    { poolSize: 2 } as DatabaseConfig,
  );
}

describe(IdempotencyService.name, () => {
  let keys: FakeKeys;
  let service: IdempotencyService;
  let runs: number;
  const create = async () => {
    runs += 1;
    return created;
  };

  beforeEach(() => {
    keys = new FakeKeys();
    service = serviceWith(keys);
    runs = 0;
  });

  it('runs the first request and replays its answer to the second', async () => {
    expect(await service.run(request, create)).toEqual({ answer: created, replayed: false });
    expect(await service.run(request, create)).toEqual({ answer: created, replayed: true });
    expect(runs).toBe(1);
  });

  it.each([
    ['body', { body: { url: 'https://example.org' } }],
    ['path', { path: '/api/v1/workspaces' }],
  ])('refuses the key for another %s', async (_name, change) => {
    await service.run(request, create);
    await expect(service.run({ ...request, ...change }, create)).rejects.toMatchObject({
      code: 'idempotency-key-reused',
    });
    expect(runs).toBe(1);
  });

  it('treats the same key of another user as another key', async () => {
    await service.run(request, create);
    expect((await service.run({ ...request, userId: '2' }, create)).replayed).toBe(false);
    expect(runs).toBe(2);
  });

  it('replays a refusal', async () => {
    const refuse = () => Promise.reject(new ProblemError('code-taken', { detail: 'Taken.' }));
    expect(await service.run(request, refuse)).toMatchObject({ replayed: false });
    expect(await service.run(request, create)).toMatchObject({
      refusal: { code: 'code-taken', detail: 'Taken.' },
      replayed: true,
    });
    expect(runs).toBe(0);
  });

  it('leaves the key free after a 401', async () => {
    const refuse = () => Promise.reject(new ProblemError('invalid-credentials'));
    expect(await service.run(request, refuse)).toMatchObject({
      refusal: { code: 'invalid-credentials' },
    });
    expect(await service.run(request, create)).toEqual({ answer: created, replayed: false });
  });

  it('leaves the key free after a failure, and passes the failure on', async () => {
    const failure = new Error('disk on fire');
    await expect(service.run(request, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(await service.run(request, create)).toEqual({ answer: created, replayed: false });
  });

  it('never runs a request again whose answer was too large to keep', async () => {
    const large = { ...created, body: { text: 'x'.repeat(1_048_576) } };
    expect(await service.run(request, async () => large)).toEqual({
      answer: large,
      replayed: false,
    });
    expect([...keys.rows.values()][0]!.length).toBeLessThan(200);
    await expect(service.run(request, create)).rejects.toMatchObject({
      code: 'idempotency-answer-not-kept',
    });
    await expect(service.run({ ...request, body: {} }, create)).rejects.toMatchObject({
      code: 'idempotency-key-reused',
    });
    expect(runs).toBe(0);
  });

  it('runs nothing under a new key of a user who has stored too much, and replays old ones', async () => {
    await service.run(request, create);
    keys.storedKibibytes = 16_384;
    await expect(service.run({ ...request, key: 'new' }, create)).rejects.toMatchObject({
      code: 'idempotency-quota-exceeded',
      headers: { 'retry-after': '3600' },
    });
    expect(await service.run(request, create)).toEqual({ answer: created, replayed: true });
    expect(runs).toBe(1);
  });

  it('never runs a request again whose answer cannot be read after a change of the secret', async () => {
    await service.run(request, create);
    await expect(serviceWith(keys, 't'.repeat(32)).run(request, create)).rejects.toMatchObject({
      code: 'idempotency-key-reused',
      detail: expect.stringContaining('secret of the server changed'),
    });
    expect(runs).toBe(1);
  });

  it('replays what was answered before the secret changed, as long as it is a previous one', async () => {
    await service.run(request, create);
    const rotated = serviceWith(keys, 't'.repeat(32), ['s'.repeat(32)]);
    expect(await rotated.run(request, create)).toMatchObject({ replayed: true, answer: created });
    expect(runs).toBe(1);
  });

  it('lets parallel requests wait for the first and replays its answer to them', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => service.run(request, create)),
    );
    expect(runs).toBe(1);
    expect(outcomes.filter(({ replayed }) => replayed)).toHaveLength(19);
  });

  it('leaves half of the connections to requests without a key', async () => {
    let finish!: (answer: Answer) => void;
    const slow = service.run(request, () => new Promise((resolve) => (finish = resolve)));
    await expect(service.run({ ...request, key: 'k2' }, create, 10)).rejects.toMatchObject({
      code: 'database-unavailable',
    });
    finish(created);
    await slow;
    expect(await service.run({ ...request, key: 'k2' }, create)).toMatchObject({ replayed: false });
  });

  it('recovers when the database comes back', async () => {
    database.isDown = true;
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await expect(service.run(request, create, 10)).rejects.toMatchObject({
        code: 'database-unavailable',
      });
    }
    database.isDown = false;
    expect(await service.run(request, create, 10)).toMatchObject({ replayed: false });
  });

  it('does not wait for ever', async () => {
    let finish!: (answer: Answer) => void;
    const slow = service.run(request, () => new Promise((resolve) => (finish = resolve)));
    await expect(service.run(request, create, 10)).rejects.toMatchObject({
      code: 'idempotency-in-progress',
      headers: { 'retry-after': '1' },
    });
    finish(created);
    await expect(slow).resolves.toMatchObject({ replayed: false });
  });
});
