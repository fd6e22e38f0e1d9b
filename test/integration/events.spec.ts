import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import type { Clock } from '../../src/common/clock.js';
import { EventPurgeService } from '../../src/events/event-purge.service.js';
import { EventsRepository } from '../../src/events/events.repository.js';
import { EVENTS_KEPT_MS, EventsService } from '../../src/events/events.service.js';
import { DatabaseService } from '../../src/platform/database/database.service.js';
import { DeliveriesRepository } from '../../src/webhooks/deliveries.repository.js';
import { DeliveryPurgeService } from '../../src/webhooks/delivery-purge.service.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

const [ONE, TWO] = ['01912d3a-1111-7c3f-8a4d-9e6f0a1b2c3d', '01912d3a-2222-7c3f-8a4d-9e6f0a1b2c3d'];
const WEBHOOK = '01912d3a-5555-7c3f-8a4d-9e6f0a1b2c3d';

describe(EventsService, () => {
  let testDatabase: TestDatabase;
  let source: DataSource;
  let database: DatabaseService;
  let events: EventsService;
  let purge: EventPurgeService;
  let now: number;
  const clock: Clock = { now: () => now };

  beforeEach(async () => {
    Logger.overrideLogger(false);
    testDatabase = await createDatabase();
    source = await new DataSource({ type: 'postgres', url: testDatabase.url }).initialize();
    database = new DatabaseService(source);
    const repository = new EventsRepository(database);
    events = new EventsService(repository, database, clock);
    purge = new EventPurgeService(database, repository, clock);
    now = Date.now();
    await database.query(
      `INSERT INTO workspaces (id, name, created_at) VALUES ($1, 'One', now()), ($2, 'Two', now())`,
      [ONE, TWO],
    );
  });
  afterEach(async () => {
    await source.destroy();
    await testDatabase.drop();
  });

  const tell = (workspaceId: string, ...texts: string[]) =>
    events.record(
      workspaceId,
      texts.map((text) => ({ type: 'link.updated', data: { text } })),
    );
  const read = async (workspaceId: string, after?: string) =>
    (await events.list(workspaceId, { limit: 200, after })).items;
  const count = async (table: string) =>
    (await database.query<{ count: number }>(`SELECT count(*)::int FROM ${table}`))[0]!.count;

  it('keeps events for 30 days, and goes on behind the last one that was deleted', async () => {
    await tell(ONE, 'first', 'last "old" 🧀');
    const [first, last] = await read(ONE);
    now += EVENTS_KEPT_MS - 1_000;
    await tell(ONE, 'new');
    await purge.purge();
    expect(await read(ONE)).toHaveLength(3);
    now += 2_000;
    await purge.purge();
    expect(await read(ONE)).toMatchObject([{ data: { text: 'new' } }]);
    expect(await read(ONE, last!.id)).toMatchObject([{ data: { text: 'new' } }]);
    await expect(read(ONE, first!.id)).rejects.toMatchObject({ code: 'events-gone' });
    await tell(ONE, 'newer');
    expect(await read(ONE, last!.id)).toMatchObject([{}, { data: { text: 'newer' } }]);
  });

  it('forgets workspaces that are gone, and no others', async () => {
    await tell(ONE, 'a', 'b');
    await tell(TWO, 'c');
    await database.query('DELETE FROM workspaces WHERE id = $1', [ONE]);
    await purge.purge();
    expect([await count('events'), await count('event_feeds')]).toEqual([1, 1]);
    expect(await read(TWO)).toMatchObject([{ data: { text: 'c' } }]);
  });

  it('erases all of a workspace at once, however much it is', async () => {
    await tell(ONE, ...Array.from({ length: 6_000 }, (_, index) => String(index)));
    await tell(TWO, 'c');
    await database.transaction(() => events.erase(ONE));
    expect([await count('events'), await count('event_feeds')]).toEqual([1, 1]);
  });

  it('forgets deliveries with their time, and those of webhooks that are gone', async () => {
    await database.query(
      `INSERT INTO webhooks (id, workspace_id, url, events, secret, position, created_at, updated_at)
       VALUES ($1, $2, 'http://x/', '{link.updated}', '', 0, now(), now())`,
      [WEBHOOK, ONE],
    );
    await database.query(
      `INSERT INTO webhook_deliveries (webhook_id, event_id, type, status, created_at)
       VALUES ($1, gen_random_uuid(), 'link.updated', 'failed', now()),
         ($1, gen_random_uuid(), 'link.updated', 'failed', now() - interval '31 days'),
         ($2, gen_random_uuid(), 'link.updated', 'failed', now())`,
      [WEBHOOK, TWO],
    );
    const deliveries = new DeliveriesRepository(database);
    await new DeliveryPurgeService(database, deliveries, clock).purge();
    expect(await count('webhook_deliveries')).toBe(1);
    await database.query('DELETE FROM workspaces WHERE id = $1', [ONE]);
    await new DeliveryPurgeService(database, deliveries, clock).purge();
    expect(await count('webhook_deliveries')).toBe(0);
  });
});
