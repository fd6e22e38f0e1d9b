import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Owner } from '../../src/analytics/analytics.types.js';
import { unpack } from '../../src/analytics/ingestion/click-packer.js';
import { aClick } from '../../src/analytics/recording/click.fake.js';
import type { ClickRecord } from '../../src/analytics/recording/spool.types.js';
import { uuidv7 } from '../../src/common/uuid.js';
import { BROWSER } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { TestIngestion } from '../support/ingestion.js';
import { addLink } from '../support/rows.js';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 23, 12);
const COUNTS = ['link_days', 'workspace_days', 'link_totals', 'link_rollups', 'workspace_rollups'];

describe('The clicks of a database', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let ingestion: TestIngestion;
  let links: string[];

  beforeEach(async () => {
    database = await createDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const countries = { find: (address: string) => (address.endsWith('1') ? 'DE' : undefined) };
    ingestion = new TestIngestion(client, countries, 2_000);
    links = [];
    for (let n = 0; n < 4; n += 1) links.push(await addLink(client));
  });
  afterEach(async () => {
    await client.end();
    await database.drop();
  });

  const rows = async (sql: string): Promise<Record<string, unknown>[]> =>
    (await client.query(sql)).rows as Record<string, unknown>[];
  /** All that is counted: how many packs it is in is of no interest. */
  const allCounts = async () => {
    const tables = await Promise.all(COUNTS.map((table) => rows(`SELECT * FROM ${table}`)));
    const counted = tables.map((table) => table.map(({ packs: _, ...row }) => row));
    return [...counted, await packedClicks('link'), await packedClicks('workspace')].map((table) =>
      table.map((row) => JSON.stringify(row)).toSorted(),
    );
  };
  async function packedClicks(owner: Owner) {
    const packs = await rows(`SELECT * FROM ${owner}_packs`);
    return packs.flatMap((row) =>
      unpack({
        day: (row['day'] as Date).getTime(),
        parts: row,
      }),
    );
  }
  const tidyUp = (retentionDays: number) => ingestion.tidyUp(NOW, retentionDays);
  const ingest = (records: ClickRecord[]) =>
    ingestion.ingester.ingest([
      { id: uuidv7(), path: '', bytes: 0, marked: [], corruptLines: [], records },
    ]);

  /** The first link is busy on every day, the others hardly ever. */
  async function ingestDays(days: number, from = NOW): Promise<void> {
    for (let day = 0; day < days; day += 1) {
      const records = Array.from({ length: 70 }, (_, n) => ({
        ...aClick,
        linkId: links[n < 60 ? 0 : n % 4]!,
        clickedAt: from - day * DAY + n * 60_000,
        address: `203.0.113.${(n * day) % 40}`,
        userAgent: n % 9 === 0 ? 'curl/8' : BROWSER,
        query: n % 3 === 0 ? 'utm_source=mail' : '',
      }));
      await ingest(records.slice(0, 45));
      await ingest(records.slice(45));
    }
  }

  it('are forgotten for a workspace that was deleted, and stay with the links that it gave away', async () => {
    await ingestDays(3);
    const [{ from, to }] = (await rows(
      `SELECT (array_agg(workspace_id ORDER BY id))[1] AS from,
         (array_agg(workspace_id ORDER BY id))[2] AS to FROM links`,
    )) as [Record<'from' | 'to', string>];
    const of = async (table: string) =>
      (await rows(`SELECT FROM ${table} WHERE workspace_id = '${from}'`)).length;
    expect(await of('workspace_days')).toBe(3);
    const linkDays = await rows('SELECT * FROM link_days ORDER BY 1, 2');
    await client.query('UPDATE links SET workspace_id = $1 WHERE workspace_id = $2', [to, from]);
    await client.query('DELETE FROM workspaces WHERE id = $1', [from]);
    await tidyUp(365);
    expect(await of('workspace_days')).toBe(0);
    expect(await of('workspace_packs')).toBe(0);
    expect(await rows('SELECT * FROM link_days ORDER BY 1, 2')).toEqual(linkDays);
    expect(await rows('SELECT FROM workspace_days')).toHaveLength(9);
  });

  it('are counted to the same numbers again by a rebuild', async () => {
    await ingestDays(40);
    const veryMany = Array.from({ length: 2_100 }, (_, n) => ({
      ...aClick,
      linkId: links[n % 9 === 0 ? 1 : 0]!,
      clickedAt: NOW + n * 15_000,
      address: `203.0.113.${n % 40}`,
    }));
    await ingest([...veryMany, ...veryMany]);
    const before = await allCounts();
    expect(before.map(({ length }) => length > 20)).toEqual(Array(7).fill(true).with(2, false));
    for (const table of COUNTS) {
      await client.query(`UPDATE ${table} SET clicks = clicks + 1, visitors = 0`);
    }
    await client.query('DELETE FROM link_days WHERE link_id = $1', [links[1]]);
    await client.query('DELETE FROM link_totals WHERE link_id = $1', [links[2]]);
    await client.query('DELETE FROM link_packs');
    const progress = await ingestion.rebuild();
    expect(await allCounts()).toEqual(before);
    expect(progress).toEqual([
      expect.stringMatching(/^links: 4 of about \d+$/),
      ...[1, 2, 3, 4].map((n) => `workspaces: ${n} of 4`),
    ]);
    await tidyUp(400);
    expect(await allCounts()).toEqual(before);
  });

  it('have one pack for each past day that has packs', async () => {
    await ingestDays(3);
    await ingestDays(3);
    const before = await allCounts();
    await tidyUp(400);
    expect(await allCounts()).toEqual(before);
    for (const owner of ['link', 'workspace']) {
      const packs = `SELECT level, count(*)::int AS packs, count(DISTINCT (${owner}_id, day))::int AS days
        FROM ${owner}_packs WHERE day < '2026-11-23' GROUP BY 1`;
      const merged = await rows(packs);
      expect(merged).toEqual([{ level: 9, packs: merged[0]!['days'], days: merged[0]!['days'] }]);
      // A late click, and all of it is one again.
      await ingest([{ ...aClick, linkId: links[0]!, clickedAt: NOW - DAY }]);
      expect(await rows(packs)).toHaveLength(2);
      await tidyUp(400);
      expect(await rows(packs)).toEqual(merged);
    }
  });

  it('have several packs for a past day with more than are merged at once', async () => {
    for (let round = 0; round < 3; round += 1) await ingestDays(2);
    const before = await allCounts();
    await new TestIngestion(client, undefined, undefined, 100).tidyUp(NOW, 400);
    expect(await allCounts()).toEqual(before);
    const packs = `SELECT min(level) AS level, max(clicks) <= 100 AS small, sum(clicks)::int AS clicks
      FROM workspace_packs WHERE day < '2026-11-23' GROUP BY workspace_id HAVING count(*) > 1`;
    expect(await rows(packs)).toEqual([{ level: 9, small: true, clicks: 189 }]);
  });

  it('are kept for as long as they are to be, and their counts for ever', async () => {
    await ingestDays(3, Date.UTC(2026, 6, 20));
    await ingestDays(3);
    const [days, workspaces, totals, , , , packed] = await allCounts();
    await tidyUp(100);
    expect(
      await rows('SELECT DISTINCT clicked_at::date::text AS day FROM clicks ORDER BY 1'),
    ).toEqual(['2026-11-21', '2026-11-22', '2026-11-23'].map((day) => ({ day })));
    const after = await allCounts();
    expect([after[0], after[1], after[2], after[6]]).toEqual([days, workspaces, totals, packed]);
    // The quiet days of the months that are gone have got packs.
    expect(
      await rows(`SELECT count(*)::int AS n FROM link_days WHERE packs = 0 AND day < '2026-08-01'`),
    ).toEqual([{ n: 0 }]);
    expect(
      await rows(`SELECT sum(clicks)::int AS n FROM link_packs WHERE day < '2026-08-01'`),
    ).toEqual([{ n: 210 }]);
  });

  it('may come for a month that is gone already: they are counted and go again', async () => {
    await ingestDays(1, Date.UTC(2026, 6, 20));
    await tidyUp(100);
    await ingest([{ ...aClick, linkId: links[3]!, clickedAt: Date.UTC(2026, 6, 20) }]);
    await ingest([{ ...aClick, linkId: links[3]!, clickedAt: Date.UTC(2026, 6, 21) }]);
    await tidyUp(100);
    expect(await rows('SELECT sum(clicks)::int AS clicks FROM link_days')).toEqual([
      { clicks: 72 },
    ]);
    expect(await rows('SELECT count(*)::int AS n FROM clicks')).toEqual([{ n: 0 }]);
    // A rebuild leaves alone what it could not count again.
    const before = await allCounts();
    await ingestion.rebuild();
    expect(await allCounts()).toEqual(before);
  });

  it('have partitions ahead of time, and visitors only while somebody could be recognised', async () => {
    await ingestDays(5);
    await client.query(`DELETE FROM visitor_salts WHERE day < '2026-11-22'`);
    await tidyUp(400);
    const names = await rows(
      `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relname ~ '_20..' ORDER BY 1`,
    );
    expect(names.map(({ name }) => name)).toEqual([
      'clicks_2026_11',
      'clicks_2026_12',
      'clicks_2027_01',
      'visitor_days_2026_11_22',
      'visitor_days_2026_11_23',
      'visitor_days_2026_11_24',
    ]);
  });
});
