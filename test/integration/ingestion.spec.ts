import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ClickEnricher } from '../../src/analytics/ingestion/click-enricher.js';
import { ClickPartitionsRepository } from '../../src/analytics/ingestion/click-partitions.repository.js';
import { ClicksRepository } from '../../src/analytics/ingestion/clicks.repository.js';
import { CountryLookup } from '../../src/analytics/ingestion/country-lookup.js';
import { Ingester } from '../../src/analytics/ingestion/ingester.js';
import type { Segment } from '../../src/analytics/ingestion/spool-reader.js';
import type { ClickRecord } from '../../src/analytics/recording/spool.types.js';
import { uuidv7 } from '../../src/common/uuid.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

const DAY = 24 * 60 * 60 * 1000;
const NOON = Date.UTC(2026, 10, 20, 12);

describe(Ingester.name, () => {
  let database: TestDatabase;
  const clients: pg.Client[] = [];

  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(async () => {
    for (const client of clients) await client.end();
    await database.drop();
  });

  /** An ingester with a connection of its own, as another process has one. */
  async function ingesterOf(): Promise<Ingester> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    clients.push(client);
    const enricher = new ClickEnricher(await CountryLookup.open(undefined));
    return new Ingester(
      new ClicksRepository(client),
      new ClickPartitionsRepository(client),
      enricher,
    );
  }

  const click = (linkId: string, changes: Partial<ClickRecord> = {}): ClickRecord => ({
    clickedAt: NOON,
    linkId,
    address: '203.0.113.9',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    referrer: '',
    language: 'en',
    query: '',
    isPrefetch: false,
    ...changes,
  });

  const segment = (...records: ClickRecord[]): Segment => ({
    id: uuidv7(),
    path: '',
    bytes: 0,
    records,
    corruptLines: [],
  });

  async function rows(sql: string, linkId: string) {
    const { rows: found } = await clients[0]!.query(sql, [linkId]);
    return found as Record<string, unknown>[];
  }

  const totals = async (linkId: string) =>
    (await rows('SELECT clicks, bots, visitors FROM link_totals WHERE link_id = $1', linkId))[0];

  it('adds a segment once, however often it comes', async () => {
    const ingester = await ingesterOf();
    const link = uuidv7();
    const same = segment(click(link), click(link));
    expect(await ingester.ingest([same])).toBe(2);
    expect(await ingester.ingest([same])).toBe(0);
    expect(await ingester.ingest([same, segment(click(link))])).toBe(1);
    expect(await totals(link)).toEqual({ clicks: '3', bots: '0', visitors: '1' });
    expect(await rows('SELECT id FROM clicks WHERE link_id = $1', link)).toHaveLength(3);
  });

  it('adds it once also when two processes try at the same time', async () => {
    const ingesters = [await ingesterOf(), await ingesterOf()];
    const link = uuidv7();
    const same = segment(...Array.from({ length: 500 }, () => click(link)));
    const results = await Promise.allSettled(ingesters.map((one) => one.ingest([same])));
    const added = results.map((result) => (result.status === 'fulfilled' ? result.value : 0));
    expect(added.reduce((sum, clicks) => sum + clicks, 0)).toBe(500);
    expect(await totals(link)).toMatchObject({ clicks: '500' });
  });

  it('does not deadlock with other processes on the same links', async () => {
    const ingesters = await Promise.all(Array.from({ length: 4 }, () => ingesterOf()));
    const links = Array.from({ length: 50 }, () => uuidv7());
    const work = ingesters.map(async (ingester) => {
      for (let round = 0; round < 5; round += 1) {
        const shuffled = links.toSorted(() => Math.random() - 0.5);
        await ingester.ingest([segment(...shuffled.map((link) => click(link)))]);
      }
    });
    await Promise.all(work);
    for (const link of links) expect(await totals(link)).toMatchObject({ clicks: '20' });
  });

  it('counts visitors once a day, and bots never as visitors', async () => {
    const ingester = await ingesterOf();
    const link = uuidv7();
    await ingester.ingest([
      segment(
        click(link),
        click(link, { clickedAt: NOON + 1_000 }),
        click(link, { address: '203.0.113.10' }),
        click(link, { userAgent: 'curl/8.5.0' }),
        click(link, { clickedAt: NOON + DAY }),
      ),
    ]);
    await ingester.ingest([segment(click(link, { clickedAt: NOON + 2_000 }))]);
    expect(await totals(link)).toEqual({ clicks: '6', bots: '1', visitors: '3' });
    const marked = await rows('SELECT id FROM clicks WHERE link_id = $1 AND is_new_visitor', link);
    expect(marked).toHaveLength(3);
  });

  it('keeps rollups, totals and clicks equal', async () => {
    const ingester = await ingesterOf();
    const link = uuidv7();
    const records = Array.from({ length: 300 }, (_, n) =>
      click(link, {
        clickedAt: NOON + n * 617_000,
        address: `203.0.113.${n % 7}`,
        language: ['en', 'de', ''][n % 3]!,
        userAgent: n % 11 === 0 ? '' : click(link).userAgent,
      }),
    );
    await ingester.ingest([segment(...records.slice(0, 100)), segment(...records.slice(100))]);
    const sums = 'sum(clicks) AS clicks, sum(bots) AS bots, sum(visitors) AS visitors';
    const counted = await rows(
      `SELECT count(*) AS clicks, count(*) FILTER (WHERE is_bot) AS bots,
         count(*) FILTER (WHERE is_new_visitor) AS visitors FROM clicks WHERE link_id = $1`,
      link,
    );
    const series = await rows(
      `SELECT ${sums} FROM click_rollups WHERE link_id = $1 AND dimension = ''`,
      link,
    );
    expect(series).toEqual(counted);
    expect([await totals(link)]).toEqual(counted);
    const german = `WHERE link_id = $1 AND dimension = 'language' AND value = 'de'`;
    expect(await rows(`SELECT sum(clicks) AS clicks FROM click_rollups ${german}`, link)).toEqual([
      { clicks: '100' },
    ]);
  });

  it('takes clicks of any month, long past ones, too', async () => {
    const ingester = await ingesterOf();
    const link = uuidv7();
    const times = [Date.UTC(2021, 0, 1), Date.UTC(2026, 1, 28, 23, 59, 59, 999), NOON + 40 * DAY];
    await ingester.ingest([segment(...times.map((clickedAt) => click(link, { clickedAt })))]);
    const months = await rows(
      `SELECT DISTINCT tableoid::regclass::text AS partition FROM clicks
       WHERE link_id = $1 ORDER BY 1`,
      link,
    );
    expect(months.map(({ partition }) => partition)).toEqual([
      'clicks_2021_01',
      'clicks_2026_02',
      'clicks_2026_12',
    ]);
  });

  it('never stores the address of a visitor', async () => {
    const ingester = await ingesterOf();
    const link = uuidv7();
    await ingester.ingest([segment(click(link, { address: '198.51.100.77' }))]);
    const [stored] = await rows('SELECT clicks::text AS all FROM clicks WHERE link_id = $1', link);
    expect(stored!['all']).not.toContain('198.51.100.77');
  });
});
