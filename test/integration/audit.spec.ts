import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { AuditChainsRepository } from '../../src/audit/audit-chains.repository.js';
import { AuditEventsRepository } from '../../src/audit/audit-events.repository.js';
import { AuditPurgeService } from '../../src/audit/audit-purge.service.js';
import { AuditService } from '../../src/audit/audit.service.js';
import { AuditVerifier, type ChainEnd } from '../../src/audit/audit-verifier.js';
import type { Clock } from '../../src/common/clock.js';
import { NIL_UUID } from '../../src/common/uuid.js';
import { DatabaseService } from '../../src/platform/database/database.service.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

const DAY_MS = 86_400_000;
const [ONE, TWO] = ['01912d3a-1111-7c3f-8a4d-9e6f0a1b2c3d', '01912d3a-2222-7c3f-8a4d-9e6f0a1b2c3d'];

describe(AuditService, () => {
  let testDatabase: TestDatabase;
  let source: DataSource;
  let database: DatabaseService;
  let events: AuditEventsRepository;
  let audit: AuditService;
  let now: number;
  const clock: Clock = { now: () => now };

  beforeEach(async () => {
    Logger.overrideLogger(false);
    testDatabase = await createDatabase();
    source = await new DataSource({
      type: 'postgres',
      url: testDatabase.url,
      poolSize: 10,
    }).initialize();
    database = new DatabaseService(source);
    events = new AuditEventsRepository(database);
    audit = new AuditService(events, database, clock);
    now = Date.parse('2026-11-01T12:00:00.000Z');
  });
  afterEach(async () => {
    await source.destroy();
    await testDatabase.drop();
  });

  const record = (workspaceId: string | null = ONE, id: string = randomUUID()): Promise<void> =>
    audit.record({
      workspaceId,
      action: 'link.updated',
      targets: [{ type: 'link', id }],
      changes: {
        title: { from: null, to: 'Käse "🧀" \\u0000' },
        maxClicks: { from: 1.5, to: 1e21 },
      },
    });

  const times = async (count: number, work: () => Promise<void>): Promise<void> => {
    for (let done = 0; done < count; done += 1) await work();
  };

  /** What a verification finds, and where the chains end. */
  async function verify(kept?: ChainEnd[]): Promise<{ faults: string[]; ends: ChainEnd[] }> {
    const client = new pg.Client({ connectionString: testDatabase.url });
    await client.connect();
    const [faults, ends]: [string[], ChainEnd[]] = [[], []];
    try {
      await new AuditVerifier(
        new AuditChainsRepository(client),
        (fault) => faults.push(fault),
        (end) => ends.push(end),
      ).run(kept);
    } finally {
      await client.end();
    }
    return { faults, ends };
  }

  /** As somebody who may do everything with the database. */
  const tamper = (sql: string): Promise<unknown> =>
    source.query(`SET session_replication_role = replica; ${sql}; RESET session_replication_role`);

  const ids = async (): Promise<string[]> =>
    (await source.query<{ id: string }[]>('SELECT id FROM audit_events ORDER BY sequence')).map(
      ({ id }) => id,
    );

  it('finds nothing wrong with what was only added to, in the time zone of whoever looks', async () => {
    await times(3, record);
    await record(null);
    await source.query(
      `ALTER DATABASE ${new URL(testDatabase.url).pathname.slice(1)} SET timezone TO 'Asia/Tokyo'`,
    );
    const { faults, ends } = await verify();
    expect(faults).toEqual([]);
    expect(ends.map(({ chain, length }) => [chain, length])).toEqual([
      [NIL_UUID, 1n],
      [ONE, 3n],
    ]);
  });

  it.each([
    ['another action', `action = 'link.deleted'`],
    ['another actor', `actor_id = gen_random_uuid()`],
    ['another time', `occurred_at = occurred_at + interval '1 millisecond'`],
    ['other changes', `changes = changes - 'title'`],
    ['another outcome', `outcome = 'failure'`],
    ['another address', `context = context || '{"address": "192.0.2.0/24"}'`],
    ['another version', `link_version = 7`],
  ])('finds an event that was given %s', async (_what, change) => {
    await times(5, record);
    const third = (await ids())[2];
    await tamper(`UPDATE audit_events SET ${change} WHERE sequence = 3`);
    const { faults } = await verify();
    expect(faults).toEqual([`Chain ${ONE}: event 3 (${third}) was changed.`]);
  });

  it('finds an event that was changed together with its hash', async () => {
    await times(5, record);
    await tamper(`
      ALTER TABLE audit_events ENABLE ALWAYS TRIGGER audit_events_chain;
      DELETE FROM audit_events WHERE sequence = 3;
      UPDATE audit_chains SET length = 2,
        last_hash = (SELECT hash FROM audit_events WHERE sequence = 2)`);
    await record();
    await tamper(`UPDATE audit_chains SET length = 5,
      last_hash = (SELECT hash FROM audit_events WHERE sequence = 5)`);
    const { faults } = await verify();
    expect(faults).toEqual([
      expect.stringMatching(/event 4 .* does not follow event 3: one of them was changed/),
    ]);
  });

  it.each([
    ['in the middle', 'sequence IN (2, 3)', 'events 2 to 3 were removed'],
    ['at the beginning', 'sequence = 1', 'event 1 was removed'],
    ['at the end', 'sequence = 5', 'event 5 was removed'],
    ['all of them', 'true', 'events 1 to 5 were removed'],
  ])('finds events that were removed: %s', async (_where, which, fault) => {
    await times(5, record);
    await tamper(`DELETE FROM audit_events WHERE ${which}`);
    expect((await verify()).faults).toEqual([`Chain ${ONE}: ${fault}.`]);
  });

  it('finds a table that was emptied', async () => {
    await record();
    await record(TWO);
    await tamper('TRUNCATE audit_events');
    expect((await verify()).faults).toHaveLength(2);
  });

  it.each([
    ['at the end', 6, 'events 6 to 6 were added'],
    ['where it has been purged', 0, 'was added: the chain begins later'],
  ])('finds an event that was added %s', async (_where, sequence, fault) => {
    await times(5, record);
    await tamper(`INSERT INTO audit_events
      SELECT gen_random_uuid(), occurred_at, workspace_id, action, actor_type, actor_id, targets,
        changes, context, outcome, link_id, link_version, ${sequence}, hash, hash
      FROM audit_events WHERE sequence = 5`);
    const { faults } = await verify();
    expect(faults.join('\n')).toContain(fault);
  });

  it('finds a chain that was rewritten as a whole, if its last hash was kept elsewhere', async () => {
    await times(3, record);
    const { ends } = await verify();
    await record();
    expect((await verify(ends)).faults).toEqual([]);
    await tamper('DELETE FROM audit_events; DELETE FROM audit_chains');
    await times(4, record);
    expect((await verify()).faults).toEqual([]);
    expect((await verify(ends)).faults).toEqual([
      `Chain ${ONE}: event 3 or one before it was changed.`,
    ]);
    await tamper('DELETE FROM audit_events; DELETE FROM audit_chains');
    expect((await verify(ends)).faults).toEqual([`Chain ${ONE} was removed.`]);
  });

  it.each([
    `UPDATE audit_events SET action = 'x'`,
    'DELETE FROM audit_events',
    'TRUNCATE audit_events',
  ])('refuses to %s', async (sql) => {
    await record();
    await expect(source.query(sql)).rejects.toThrow('audit_events can only be added to');
  });

  it('forgets what was told in a transaction, or a part of it, that is rolled back', async () => {
    await record();
    const failed = database.transaction(async () => {
      await record();
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    await database.transaction(async () => {
      await database
        .transaction(async () => {
          await record();
          throw new Error('no');
        })
        .catch(() => undefined);
      await database.transaction(() => record(TWO));
    });
    const { faults, ends } = await verify();
    expect(faults).toEqual([]);
    expect(ends.map(({ chain, length }) => [chain, length])).toEqual([
      [ONE, 1n],
      [TWO, 1n],
    ]);
  });

  it('keeps chains whole that many add to at once, in whichever order they tell of them', async () => {
    const tell = async (n: number): Promise<void> => {
      const order = n % 2 === 0 ? [ONE, TWO, null] : [null, TWO, ONE];
      await database.transaction(async () => {
        for (const workspaceId of order) {
          await record(workspaceId);
          await database.query('SELECT pg_sleep(0.002)');
        }
      });
    };
    await Promise.all(Array.from({ length: 40 }, (_, n) => tell(n)));
    const { faults, ends } = await verify();
    expect(faults).toEqual([]);
    expect(ends.map(({ length }) => length)).toEqual([40n, 40n, 40n]);
  });

  it('deletes what is older than it is to be kept, and chains go on', async () => {
    await times(5, record);
    await record(TWO);
    now += 20 * DAY_MS;
    await times(2, record);
    now += 20 * DAY_MS;
    await times(1, () => record());
    const purge = (retentionDays: number): Promise<void> =>
      new AuditPurgeService(database, events, { retentionDays }, clock).purge();
    await purge(0);
    expect(await ids()).toHaveLength(9);
    await purge(30);
    expect(await ids()).toHaveLength(3);
    await record();
    const { faults, ends } = await verify();
    expect(faults).toEqual([]);
    expect(ends.map(({ length }) => length)).toEqual([9n, 1n]);
    now += 365 * DAY_MS;
    await purge(30);
    expect([await ids(), (await verify()).faults]).toEqual([[], []]);
  });

  it('erases the trail of a workspace that ends, and nothing else', async () => {
    await times(2, record);
    await record(TWO);
    await database.transaction(async () => {
      await audit.erase(ONE);
      await record(null);
    });
    expect(await ids()).toHaveLength(2);
    expect((await verify()).faults).toEqual([]);
  });
});
