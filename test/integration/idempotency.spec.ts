import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import type { AuthConfig } from '../../config/auth.config.js';
import type { DatabaseConfig } from '../../config/database.config.js';
import { ProblemError } from '../../src/common/problem/problem.error.js';
import { DatabaseService } from '../../src/platform/database/database.service.js';
import { IdempotencyKeyEntity } from '../../src/idempotency/idempotency-key.entity.js';
import { IdempotencyKeysRepository } from '../../src/idempotency/idempotency-keys.repository.js';
import { IdempotencyPurgeService } from '../../src/idempotency/idempotency-purge.service.js';
import { IdempotencyService } from '../../src/idempotency/idempotency.service.js';
import type { Answer, KeyedRequest } from '../../src/idempotency/idempotency.types.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

const request: KeyedRequest = {
  userId: randomUUID(),
  key: 'order-17',
  method: 'POST',
  path: '/things',
  body: { name: 'lamp', password: 'hunter22' },
};
const serverError = new Error('out of ink');

/** One process of several that share a database. */
class Process {
  readonly database: DatabaseService;
  readonly keys: IdempotencyKeysRepository;
  readonly idempotency: IdempotencyService;

  private constructor(
    readonly dataSource: DataSource,
    poolSize: number,
  ) {
    this.database = new DatabaseService(dataSource);
    this.keys = new IdempotencyKeysRepository(this.database);
    this.idempotency = new IdempotencyService(
      this.database,
      this.keys,
      { jwtSecret: 's'.repeat(32) } as AuthConfig,
      { poolSize } as DatabaseConfig,
    );
  }

  static async start(url: string, poolSize = 10): Promise<Process> {
    const entities = [IdempotencyKeyEntity];
    const source = new DataSource({ type: 'postgres', url, poolSize, entities });
    return new Process(await source.initialize(), poolSize);
  }

  /** A handler: adds a thing and answers with it. */
  readonly add = async (name = 'lamp'): Promise<Answer> => {
    const [thing] = await this.database.query<{ id: number }>(
      'INSERT INTO things (name) VALUES ($1) RETURNING id',
      [name],
    );
    return { status: 201, headers: { location: `/things/${thing!.id}` }, body: thing };
  };

  readonly run = (handler: () => Promise<Answer> = this.add, waitMs?: number) =>
    this.idempotency.run(request, handler, waitMs);

  async things(): Promise<string[]> {
    const rows = await this.database.query<{ name: string }>('SELECT name FROM things ORDER BY id');
    return rows.map(({ name }) => name);
  }

  async count(): Promise<number> {
    return this.database.repository(IdempotencyKeyEntity).count();
  }
}

/** A request that has added its thing, and goes on when it is told to. */
async function paused({ database, add, run }: Process) {
  let resume!: () => void;
  const told = new Promise<void>((resolve) => (resume = resolve));
  return new Promise<{ pid: number; resume: () => void; end: Promise<unknown> }>((started) => {
    const end: Promise<unknown> = run(async () => {
      const answer = await add();
      const [backend] = await database.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      started({ pid: backend!.pid, resume, end });
      await told;
      return answer;
    });
  });
}

describe('Idempotency keys in PostgreSQL', () => {
  let testDatabase: TestDatabase;
  let one: Process;
  let other: Process;

  beforeAll(async () => {
    testDatabase = await createDatabase();
    one = await Process.start(testDatabase.url);
    other = await Process.start(testDatabase.url);
    await one.database.query(
      'CREATE TABLE things (id serial PRIMARY KEY, name text UNIQUE DEFERRABLE INITIALLY IMMEDIATE)',
    );
  });

  afterAll(async () => {
    await Promise.all([one.dataSource.destroy(), other.dataSource.destroy()]);
    await testDatabase.drop();
  });

  beforeEach(async () => {
    await one.database.query('TRUNCATE things, idempotency_keys, idempotency_usage');
  });

  it('makes one thing of many simultaneous requests to two processes', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, i) => (i % 2 ? one : other).run()),
    );
    expect(await one.things()).toEqual(['lamp']);
    expect(outcomes.filter(({ replayed }) => !replayed)).toHaveLength(1);
    const answers = outcomes.map((outcome) => 'answer' in outcome && outcome.answer);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  it('refuses the key for another request that went to another process', async () => {
    await one.run();
    const changed = { ...request, body: { name: 'chair' } };
    await expect(other.idempotency.run(changed, other.add)).rejects.toMatchObject({
      code: 'idempotency-key-reused',
    });
    expect(await one.things()).toEqual(['lamp']);
  });

  it('undoes all that a failed handler did, and leaves the key free', async () => {
    const failing = async () => {
      await one.database.transaction(() => one.add('half'));
      throw serverError;
    };
    await expect(one.run(failing)).rejects.toBe(serverError);
    expect(await one.things()).toEqual([]);
    expect(await other.run()).toMatchObject({ replayed: false });
  });

  it('answers with an error and leaves the key free when the commit fails', async () => {
    await one.add('chair');
    const clashing = async () => {
      await one.database.query('SET CONSTRAINTS ALL DEFERRED');
      return one.add('chair');
    };
    await expect(one.run(clashing)).rejects.toMatchObject({ driverError: { code: '23505' } });
    expect(await one.count()).toBe(0);
    expect(await other.run()).toMatchObject({ replayed: false });
  });

  it('replays a refusal that a constraint caused', async () => {
    await one.add('lamp');
    const taken = () =>
      one
        .add()
        .catch((cause: unknown) => Promise.reject(new ProblemError('code-taken', { cause })));
    expect(await one.run(taken)).toMatchObject({
      refusal: { code: 'code-taken' },
      replayed: false,
    });
    expect(await other.run()).toMatchObject({ refusal: { code: 'code-taken' }, replayed: true });
    expect(await one.things()).toEqual(['lamp']);
  });

  it('keeps what was done before a refusal, and tries a 401 again', async () => {
    const refusing = async () => {
      await one.add('revocation');
      await one.database.transaction(() => one.add('undone').then(() => Promise.reject(refusal)));
      return one.add('never');
    };
    const refusal = new ProblemError('invalid-refresh-token');
    expect(await one.run(refusing)).toEqual({ refusal, replayed: false });
    expect(await one.things()).toEqual(['revocation']);
    expect(await one.count()).toBe(0);
    expect(await other.run()).toMatchObject({ replayed: false });
  });

  it('waits for a request that runs in another process, for a while', async () => {
    const first = await paused(one);
    await expect(other.run(other.add, 100)).rejects.toMatchObject({
      code: 'idempotency-in-progress',
      headers: { 'retry-after': '1' },
    });
    const second = other.run();
    setTimeout(first.resume, 100);
    expect(await second).toMatchObject({ replayed: true });
    expect(await first.end).toMatchObject({ replayed: false });
    expect(await one.things()).toEqual(['lamp']);
  });

  it('runs the request that waited when the first process dies before its commit', async () => {
    const first = await paused(one);
    const second = other.run();
    await other.database.query('SELECT pg_terminate_backend($1)', [first.pid]);
    expect(await second).toMatchObject({ replayed: false });
    first.resume();
    await expect(first.end).rejects.toThrow();
    expect(await other.things()).toEqual(['lamp']);
  });

  it('forgets a key when it has expired, also when two processes find out at once', async () => {
    await one.run();
    await one.database.query(`UPDATE idempotency_keys SET expires_at = now()`);
    const outcomes = await Promise.all([
      one.run(() => one.add('chair')),
      other.run(() => other.add('chair')),
    ]);
    expect(outcomes.filter(({ replayed }) => replayed)).toHaveLength(1);
    expect(await one.things()).toEqual(['lamp', 'chair']);
  });

  it('keeps a key for 24 hours', async () => {
    await one.run();
    const [row] = await one.database.query<{ hours: number }>(
      `SELECT extract(epoch FROM expires_at - now())::float / 3600 AS hours FROM idempotency_keys`,
    );
    expect(row!.hours).toBeCloseTo(24, 1);
  });

  it('leaves the lock timeout of the handler as it was', async () => {
    const [before] = await one.database.query(`SHOW lock_timeout`);
    const show = async () => ({
      status: 200,
      headers: {},
      body: (await one.database.query(`SHOW lock_timeout`))[0],
    });
    expect(await one.run(show)).toMatchObject({ answer: { body: before } });
  });

  it('needs only one connection, however many ask', async () => {
    const small = await Process.start(testDatabase.url, 1);
    try {
      const nested = () => small.database.transaction(small.add);
      const outcomes = await Promise.all(Array.from({ length: 5 }, () => small.run(nested)));
      expect(outcomes.filter(({ replayed }) => replayed)).toHaveLength(4);
    } finally {
      await small.dataSource.destroy();
    }
  });

  it('writes neither the key nor the body nor the answer in the clear', async () => {
    await one.run(async () => ({ status: 200, headers: {}, body: { accessToken: 'ey.secret' } }));
    const [row] = await one.database.query<{ key_hash: Buffer; answer: Buffer }>(
      'SELECT * FROM idempotency_keys',
    );
    const bytes = Buffer.concat([row!.key_hash, row!.answer]).toString('latin1');
    for (const secret of [request.key, 'hunter22', 'ey.secret'])
      expect(bytes).not.toContain(secret);
  });

  describe('the quota of a user', () => {
    const fill = (kibibytes: number, age = '0 hours', ownerId = request.userId) =>
      one.database.query(
        `INSERT INTO idempotency_usage
         VALUES ($1, date_bin('1 hour', now(), 'epoch') - $2::interval, $3)`,
        [ownerId, age, kibibytes],
      );
    const runNew = (process: Process) =>
      process.idempotency.run({ ...request, key: randomUUID() }, () => process.add(randomUUID()));
    const stored = async () =>
      (
        await one.database.query<{ sum: number }>(
          'SELECT sum(kibibytes)::int AS sum FROM idempotency_usage',
        )
      )[0]!.sum;

    it('counts what two processes store at the same time', async () => {
      await Promise.all(Array.from({ length: 20 }, (_, i) => runNew(i % 2 ? one : other)));
      expect(await stored()).toBe(20);
      await one.run();
      await other.run();
      expect(await stored()).toBe(21);
    });

    it('counts the size of an answer, and nothing of what is not kept', async () => {
      const body = 'x'.repeat(4_500);
      await one.run(async () => ({ status: 200, headers: {}, body }));
      expect(await stored()).toBe(5);
      const refuse = () => Promise.reject(new ProblemError('invalid-credentials'));
      await one.idempotency.run({ ...request, key: 'refused' }, refuse);
      expect(await stored()).toBe(5);
    });

    it('holds in all processes, and undoes the claim', async () => {
      await one.run();
      await fill(16_383, '24 hours');
      for (const process of [one, other]) {
        await expect(runNew(process)).rejects.toMatchObject({ code: 'idempotency-quota-exceeded' });
        expect(await process.run()).toMatchObject({ replayed: true });
      }
      expect(await one.things()).toEqual(['lamp']);
      expect(await one.count()).toBe(1);
    });

    it('is free again after a day, and is not that of others', async () => {
      await fill(16_384, '25 hours');
      await fill(16_384, '0 hours', randomUUID());
      expect(await runNew(one)).toMatchObject({ replayed: false });
      await new IdempotencyPurgeService(one.database, one.keys).purge();
      expect(await stored()).toBe(16_384 + 1);
    });
  });

  describe('purging', () => {
    const purge = () => new IdempotencyPurgeService(one.database, one.keys).purge();
    const fill = (count: number, expiresAt: string) =>
      one.database.query(
        `INSERT INTO idempotency_keys
         SELECT sha256(($2 || i)::bytea), '', ($2)::timestamptz FROM generate_series(1, $1::int) i`,
        [count, expiresAt],
      );

    it('deletes all that has expired and nothing else', async () => {
      await fill(2500, '2020-01-01T00:00:00Z');
      await fill(3, '2999-01-01T00:00:00Z');
      await purge();
      expect(await one.count()).toBe(3);
    });

    it('leaves the work to the process that is at it', async () => {
      await fill(5, '2020-01-01T00:00:00Z');
      const rival = other.dataSource.createQueryRunner();
      await rival.startTransaction();
      await rival.query(
        `SELECT pg_advisory_xact_lock(hashtextextended('signpost.idempotency.purge', 0))`,
      );
      await purge();
      expect(await one.count()).toBe(5);
      await rival.rollbackTransaction();
      await rival.release();
      await purge();
      expect(await one.count()).toBe(0);
    });
  });
});
