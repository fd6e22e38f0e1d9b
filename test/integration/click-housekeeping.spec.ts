import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ClickCountsRepository } from '../../src/analytics/ingestion/click-counts.repository.js';
import { ClickEnricher } from '../../src/analytics/ingestion/click-enricher.js';
import { ClickPartitionsRepository } from '../../src/analytics/ingestion/click-partitions.repository.js';
import { ClicksRepository } from '../../src/analytics/ingestion/clicks.repository.js';
import { Housekeeper } from '../../src/analytics/ingestion/housekeeper.js';
import { Ingester } from '../../src/analytics/ingestion/ingester.js';
import { RollupRebuildRepository } from '../../src/analytics/ingestion/rollup-rebuild.repository.js';
import { RollupRebuilder } from '../../src/analytics/ingestion/rollup-rebuilder.js';
import { aClick } from '../../src/analytics/recording/click.fake.js';
import type { ClickRecord } from '../../src/analytics/recording/spool.types.js';
import { uuidv7 } from '../../src/common/uuid.js';
import { BROWSER } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { addLink } from '../support/rows.js';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 23, 12);
const COUNTS = ['link_days', 'link_totals', 'link_rollups', 'workspace_rollups'];

describe('The clicks of a database', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let clicks: ClicksRepository;
  let counts: ClickCountsRepository;
  let partitions: ClickPartitionsRepository;
  let ingester: Ingester;
  let links: string[];

  beforeEach(async () => {
    database = await createDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    clicks = new ClicksRepository(client);
    counts = new ClickCountsRepository(client);
    partitions = new ClickPartitionsRepository(client);
    const countries = { find: (address: string) => (address.endsWith('1') ? 'DE' : undefined) };
    ingester = new Ingester(clicks, counts, partitions, new ClickEnricher(countries));
    links = [];
    for (let n = 0; n < 4; n += 1) links.push(await addLink(client));
  });
  afterEach(async () => {
    await client.end();
    await database.drop();
  });

  const rows = async (sql: string): Promise<Record<string, unknown>[]> =>
    (await client.query(sql)).rows as Record<string, unknown>[];
  const allCounts = async () => {
    const tables = await Promise.all(COUNTS.map((table) => rows(`SELECT * FROM ${table}`)));
    return tables.map((table) => table.map((row) => JSON.stringify(row)).toSorted());
  };
  const housekeeper = (retentionDays: number) =>
    new Housekeeper(clicks, counts, partitions, retentionDays);
  async function tidyUp(retentionDays: number): Promise<void> {
    const keeper = housekeeper(retentionDays);
    while (await keeper.tidyUp(NOW));
  }
  const ingest = (records: ClickRecord[]) =>
    ingester.ingest([{ id: uuidv7(), path: '', bytes: 0, corruptLines: [], records }]);

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

  it('are counted to the same numbers again by a rebuild', async () => {
    await ingestDays(40);
    const before = await allCounts();
    expect(before.map(({ length }) => length > 20)).toEqual([true, false, true, true]);
    for (const table of COUNTS) {
      await client.query(`UPDATE ${table} SET clicks = clicks + 1, visitors = 0`);
    }
    await client.query('DELETE FROM link_days WHERE link_id = $1', [links[1]]);
    await client.query('DELETE FROM link_totals WHERE link_id = $1', [links[2]]);
    const progress: string[] = [];
    const repository = new RollupRebuildRepository(client);
    const report = (line: string) => void progress.push(line);
    await new RollupRebuilder(clicks, counts, partitions, repository, report).run();
    expect(await allCounts()).toEqual(before);
    expect(progress).toEqual(['links: 4', ...[1, 2, 3, 4].map((n) => `workspaces: ${n} of 4`)]);
  });

  it('are kept for as long as they are to be, and their counts for ever', async () => {
    await ingestDays(3, Date.UTC(2026, 6, 20));
    await ingestDays(3);
    const [days, totals, , workspaces] = await allCounts();
    const values = `SELECT dimension, value, sum(clicks)::int AS clicks FROM workspace_rollups
      WHERE minutes = 1440 AND dimension <> '' GROUP BY 1, 2 ORDER BY 1, 2`;
    const ofWorkspaces = await rows(values);
    await tidyUp(100);
    expect(
      await rows('SELECT DISTINCT clicked_at::date::text AS day FROM clicks ORDER BY 1'),
    ).toEqual(['2026-11-21', '2026-11-22', '2026-11-23'].map((day) => ({ day })));
    const after = await allCounts();
    expect([after[1], after[3]]).toEqual([totals, workspaces]);
    expect(after[0]).toHaveLength(days!.length);
    // The quiet days of the months that are gone have got rollups.
    expect(
      await rows(
        `SELECT count(*)::int AS n FROM link_days WHERE NOT is_rolled_up AND day < '2026-08-01'`,
      ),
    ).toEqual([{ n: 0 }]);
    const ofLinks = await rows(
      `SELECT sum(clicks)::int AS clicks FROM link_rollups
       WHERE minutes = 1440 AND dimension = 'device' AND bucket < '2026-08-01'`,
    );
    expect(ofLinks).toEqual([{ clicks: 210 }]);
    expect(await rows(values)).toEqual(ofWorkspaces);
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
    const repository = new RollupRebuildRepository(client);
    await new RollupRebuilder(clicks, counts, partitions, repository, () => undefined).run();
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
