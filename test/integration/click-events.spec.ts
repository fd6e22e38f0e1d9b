import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { ClickPartitionsRepository } from '../../src/analytics/ingestion/click-partitions.repository.js';
import { ClickEventsRepository } from '../../src/analytics/reports/click-events.repository.js';
import { ClickEventsService } from '../../src/analytics/reports/click-events.service.js';
import type { ClickEvent } from '../../src/analytics/reports/reports.types.js';
import { DatabaseService } from '../../src/platform/database/database.service.js';
import type { LinksService } from '../../src/links/links.service.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

const LINK = randomUUID();
const FIRST = Date.parse('2026-01-31T23:00:00.000Z');
const HOUR = 3_600_000;

describe(ClickEventsService, () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let events: ClickEventsService;
  /** The newest first. */
  let ids: string[];

  beforeAll(async () => {
    database = await createDatabase();
    dataSource = await new DataSource({ type: 'postgres', url: database.url }).initialize();
    const links = { get: () => Promise.resolve({}) } as unknown as LinksService;
    const repository = new ClickEventsRepository(new DatabaseService(dataSource));
    events = new ClickEventsService(repository, links);
    ids = await insertClicks(database.url);
  });

  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  const page = (query: object) =>
    events.page('user', LINK, { timezone: 'UTC', limit: 50, ...query });

  it.each([7, 50, 200])('shows every click once, in pages of %d', async (limit) => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { items, nextCursor } = await page({ limit, cursor });
      seen.push(...items.map(({ id }) => id));
      cursor = nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(ids);
  });

  it('has no next page after a last one that is full', async () => {
    const { items, nextCursor } = await page({
      limit: 3,
      to: new Date(FIRST + 1).toISOString(),
    });
    expect([items.map(({ id }) => id), nextCursor]).toEqual([ids.slice(-3), null]);
  });

  it('shows the clicks of days of the time zone', async () => {
    const { items } = await page({
      from: '2026-02-01',
      to: '2026-02-01',
      timezone: 'Europe/Paris',
      limit: 200,
    });
    // It is midnight in Paris when the first clicks happen; three are made an hour.
    expect(items.map(({ id }) => id)).toEqual(ids.slice(-72));
  });

  it('exports all clicks, a thousand at a time', async () => {
    const batches: ClickEvent[][] = [];
    for await (const batch of await events.export('user', LINK, { timezone: 'UTC' })) {
      batches.push(batch);
    }
    expect(batches.map((batch) => batch.length)).toEqual([1000, 1000, 499]);
    expect(batches.flat().map(({ id }) => id)).toEqual(ids);
  });

  it('exports a range, and one without clicks', async () => {
    const lengths = async (from: string, to: string) => {
      const found: number[] = [];
      const batches = await events.export('user', LINK, { from, to, timezone: 'UTC' });
      for await (const batch of batches) found.push(batch.length);
      return found;
    };
    expect(await lengths('2026-02-01', '2026-02-02')).toEqual([144]);
    expect(await lengths('2020-01-01', '2020-01-02')).toEqual([]);
  });

  it.each(['', 'x', 'A'.repeat(22), `${'A'.repeat(22)}zzzzzzzzzz`, `${'A'.repeat(21)}*1`])(
    'refuses the cursor %j',
    async (cursor) => {
      await expect(page({ cursor })).rejects.toMatchObject({
        code: 'invalid-request',
        errors: [{ pointer: '?cursor' }],
      });
    },
  );
});

/** Three clicks in the same millisecond of every hour, over two months; and one of another link. */
async function insertClicks(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const clicks = Array.from({ length: 2_499 }, (_, index) => ({
    id: randomUUID(),
    at: FIRST + Math.floor(index / 3) * HOUR,
  }));
  await new ClickPartitionsRepository(client).ensure(clicks.map(({ at }) => at));
  await client.query(
    `INSERT INTO clicks (link_id, clicked_at, id, is_bot, is_new_visitor, visitor)
     SELECT $1::uuid, at, id, false, false, '\\x00'::bytea
     FROM unnest($2::timestamptz[], $3::uuid[]) AS click (at, id)
     UNION ALL SELECT gen_random_uuid(), $4::timestamptz, gen_random_uuid(), false, false, '\\x00'::bytea`,
    [
      LINK,
      clicks.map(({ at }) => new Date(at).toISOString()),
      clicks.map(({ id }) => id),
      new Date(FIRST).toISOString(),
    ],
  );
  await client.end();
  return clicks.toSorted((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1)).map(({ id }) => id);
}
