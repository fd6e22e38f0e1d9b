import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { DIMENSIONS } from '../../src/analytics/analytics.types.js';
import { ReportDatabase } from '../../src/analytics/reports/report-database.js';
import { ReportReader } from '../../src/analytics/reports/report-reader.js';
import { aClick } from '../../src/analytics/recording/click.fake.js';
import type { ClickRecord } from '../../src/analytics/recording/spool.types.js';
import { uuidv7 } from '../../src/common/uuid.js';
import { BROWSER } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { TestIngestion } from '../support/ingestion.js';
import { addLink } from '../support/rows.js';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 23, 12);
const COUNTS = ['link_days', 'workspace_days', 'link_totals'];

describe('The clicks of a database', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let pool: pg.Pool;
  let ingestion: TestIngestion;
  let links: string[];

  beforeEach(async () => {
    database = await createDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    pool = new pg.Pool({ connectionString: database.url });
    const countries = { find: (address: string) => (address.endsWith('1') ? 'DE' : undefined) };
    ingestion = new TestIngestion(client, countries);
    links = [];
    for (let n = 0; n < 4; n += 1) links.push(await addLink(client));
  });
  afterEach(async () => {
    await client.end();
    await pool.end();
    await database.drop();
  });

  const rows = async (sql: string): Promise<Record<string, unknown>[]> =>
    (await client.query(sql)).rows as Record<string, unknown>[];
  /** All that is counted, and all that reports tell: how many blocks it is in is of no interest. */
  const allCounts = async () => {
    const tables = await Promise.all(COUNTS.map((table) => rows(`SELECT * FROM ${table}`)));
    const counted = tables.map((table) => table.map(({ blocks: _, ...row }) => row));
    return [...counted, await reportsOf('link'), await reportsOf('workspace')].map((table) =>
      table.map((row) => JSON.stringify(row)).toSorted(),
    );
  };
  /** By day and hour, so that nothing but blocks and clicks can tell. */
  async function reportsOf(owner: 'link' | 'workspace') {
    const repository = new ReportReader(new ReportDatabase(pool), 0);
    const ids = owner === 'link' ? links : await workspaceIds();
    const range = { from: NOW - 200 * DAY, to: NOW + DAY };
    const starts = Array.from({ length: 201 * 24 }, (_, hour) => range.from + hour * 3_600_000);
    return Promise.all(
      ids.map(async (id) => {
        const { series, breakdown, topLinks } = await repository.read({
          scope: owner === 'link' ? { linkIds: [id] } : { workspaceId: id },
          range,
          starts,
          groupBy: [...DIMENSIONS],
          filters: [],
          limit: 100,
        });
        // By some values visitors are told from single clicks only.
        const values = breakdown.map(({ visitors: _, visitorsUnknown: __, ...row }) => row);
        return [id, [...series].toSorted(([a], [b]) => a - b), values, topLinks];
      }),
    );
  }
  const workspaceIds = async () =>
    (await rows('SELECT id FROM workspaces')).map(({ id }) => String(id));
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
    expect(await of('workspace_blocks')).toBe(0);
    expect(await rows('SELECT * FROM link_days ORDER BY 1, 2')).toEqual(linkDays);
    expect(await rows('SELECT FROM workspace_days')).toHaveLength(9);
  });

  it('have one block for each past day that has blocks', async () => {
    await ingestDays(3);
    await ingestDays(3);
    const before = await allCounts();
    await tidyUp(400);
    expect(await allCounts()).toEqual(before);
    for (const owner of ['link', 'workspace']) {
      const blocks = `SELECT level, count(*)::int AS blocks, count(DISTINCT (${owner}_id, day))::int AS days
        FROM ${owner}_blocks WHERE day < '2026-11-23' GROUP BY 1`;
      const merged = await rows(blocks);
      expect(merged).toEqual([{ level: 9, blocks: merged[0]!['days'], days: merged[0]!['days'] }]);
      // A late click, and all of it is one again.
      await ingest([{ ...aClick, linkId: links[0]!, clickedAt: NOW - DAY }]);
      expect(await rows(blocks)).toHaveLength(2);
      await tidyUp(400);
      expect(await rows(blocks)).toEqual(merged);
    }
  });

  it('have several blocks for a past day with more than are merged at once', async () => {
    for (let round = 0; round < 3; round += 1) await ingestDays(2);
    const before = await allCounts();
    await new TestIngestion(client, undefined, 100).tidyUp(NOW, 400);
    expect(await allCounts()).toEqual(before);
    const blocks = `SELECT min(level) AS level, max(clicks) <= 100 AS small, sum(clicks)::int AS clicks
      FROM workspace_blocks WHERE day < '2026-11-23' GROUP BY workspace_id HAVING count(*) > 1`;
    expect(await rows(blocks)).toEqual([{ level: 9, small: true, clicks: 189 }]);
  });

  it('are kept for as long as they are to be, and their counts for ever', async () => {
    await ingestDays(3, Date.UTC(2026, 6, 20));
    await ingestDays(3);
    const before = await allCounts();
    await tidyUp(100);
    expect(
      await rows('SELECT DISTINCT clicked_at::date::text AS day FROM clicks ORDER BY 1'),
    ).toEqual(['2026-11-21', '2026-11-22', '2026-11-23'].map((day) => ({ day })));
    expect(await allCounts()).toEqual(before);
    // The quiet days of the months that are gone have got blocks.
    expect(
      await rows(
        `SELECT count(*)::int AS n FROM link_days WHERE blocks = 0 AND day < '2026-08-01'`,
      ),
    ).toEqual([{ n: 0 }]);
    expect(
      await rows(`SELECT sum(clicks)::int AS n FROM link_blocks WHERE day < '2026-08-01'`),
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
  });

  it('have partitions ahead of time, and visitors only while somebody could be recognised', async () => {
    await ingestDays(5);
    await client.query(`DELETE FROM visitor_day_salts WHERE day < '2026-11-22'`);
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
