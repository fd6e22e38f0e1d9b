import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { MOST_CLICKS_WITHOUT_BLOCKS } from '../../src/analytics/analytics.types.js';
import { Ingester } from '../../src/analytics/ingestion/ingester.js';
import type { Segment } from '../../src/analytics/ingestion/spool-reader.js';
import type { ClickRecord } from '../../src/analytics/common/spool-format.js';
import { uuidv7 } from '../../src/common/uuid.js';
import { BROWSER } from '../support/api.js';
import { TestIngestion } from '../support/ingestion.js';
import { addLink } from '../support/rows.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

const NOON = Date.UTC(2026, 10, 23, 12);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const LINK = uuidv7();

const click = (changes: Partial<ClickRecord> = {}): ClickRecord => ({
  clickedAt: NOON,
  linkId: LINK,
  address: '203.0.113.9',
  userAgent: BROWSER,
  referrer: 'https://news.example/item',
  language: 'de-CH',
  query: 'utm_source=mail',
  isPrefetch: false,
  ...changes,
});
const segment = (...records: ClickRecord[]): Segment => ({
  id: uuidv7(),
  path: '',
  bytes: 0,
  records,
  marked: [],
  corruptLines: [],
});

describe(Ingester.name, () => {
  let database: TestDatabase;
  let clients: pg.Client[];
  let ingester: Ingester;

  beforeEach(async () => {
    database = await createDatabase();
    clients = [];
    ingester = await newIngester();
  });
  afterEach(async () => {
    for (const client of clients) await client.end();
    await database.drop();
  });

  /** As another process or thread has it: on a connection of its own. */
  async function newIngester(): Promise<Ingester> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    clients.push(client);
    return new TestIngestion(client).ingester;
  }
  const rows = async <Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> =>
    (await clients[0]!.query(sql, parameters)).rows as Row[];
  const totals = () =>
    rows('SELECT clicks::int, bots::int, visitors::int FROM link_totals WHERE link_id = $1', [
      LINK,
    ]);
  const count = async (table: string) =>
    (await rows<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`))[0]!.n;
  const sumOf = async (column: string, table: string, condition = 'true') =>
    (
      await rows<{ sum: number }>(
        `SELECT coalesce(sum(${column}), 0)::int AS sum FROM ${table} WHERE ${condition}`,
      )
    )[0]!.sum;

  it('stores a click with all that is known of it, and never its address', async () => {
    expect(await ingester.ingest([segment(click())])).toBe(1);
    const [stored] = await rows<Record<string, unknown>>('SELECT * FROM clicks');
    expect(stored).toMatchObject({
      link_id: LINK,
      clicked_at: new Date(NOON),
      referrer_host: 'news.example',
      browser: 'Firefox',
      os: 'Linux',
      device: 'desktop',
      language: 'de',
      utm_source: 'mail',
      utm_medium: null,
      country: null,
      is_bot: false,
    });
    expect(stored!['visitor']).toHaveLength(16);
    expect(JSON.stringify(stored)).not.toContain('203.0.113.9');
  });

  it('adds up: raw clicks, days, totals and blocks tell the same number', async () => {
    await addLink(clients[0]!, { id: LINK });
    // On three days of 131 clicks, one of 66, and one of 21 that has no blocks.
    const made = Array.from({ length: 480 }, (_, n) =>
      click({
        clickedAt: NOON + n * 11 * 60_000,
        address: `203.0.113.${n % 50}`,
        userAgent: n % 5 === 0 ? 'Googlebot/2.1' : BROWSER,
      }),
    );
    await ingester.ingest([segment(...made.slice(0, 123)), segment(...made.slice(123))]);
    expect(await count('clicks')).toBe(480);
    const visitors = await count('visitor_days');
    expect(await totals()).toEqual([{ clicks: 480, bots: 96, visitors }]);
    for (const owner of ['link', 'workspace']) {
      expect(await sumOf('clicks', `${owner}_days`)).toBe(480);
      expect(await sumOf('bots', `${owner}_days`)).toBe(96);
      expect(await sumOf('visitors', `${owner}_days`)).toBe(visitors);
      const inBlocks = await sumOf('clicks', `${owner}_days`, 'blocks > 0');
      expect(await sumOf('clicks', `${owner}_blocks`)).toBe(inBlocks);
      expect(inBlocks).toBe(owner === 'workspace' ? 480 : 459);
    }
  });

  const times = (n: number, clickedAt: number) =>
    Array.from({ length: n }, (_, index) => click({ clickedAt: clickedAt + index * 10 }));

  it('writes blocks of the days on which a link gets many clicks, and only these', async () => {
    const quiet = MOST_CLICKS_WITHOUT_BLOCKS;
    await ingester.ingest([segment(...times(quiet, NOON), ...times(quiet, NOON + DAY))]);
    expect(await count('link_blocks')).toBe(0);
    for (const [more, sum] of [
      [1, quiet + 1],
      [1, quiet + 2],
      [100, quiet + 102],
    ] as const) {
      await ingester.ingest([segment(...times(more, NOON + HOUR))]);
      expect(await sumOf('clicks', 'link_blocks')).toBe(sum);
    }
    expect(await count('link_blocks')).toBe(3);
    expect(await sumOf('blocks', 'link_days')).toBe(3);
  });

  it('merges blocks as they become more', async () => {
    await ingester.ingest([segment(...times(60, NOON))]);
    for (let blocks = 2; blocks <= 33; blocks += 1) await ingester.ingest([segment(click())]);
    expect(await sumOf('blocks', 'link_days')).toBe(33);
    expect(
      await rows(
        'SELECT level, count(*)::int, sum(clicks)::int FROM link_blocks GROUP BY 1 ORDER BY 1',
      ),
    ).toEqual([
      { level: 0, count: 1, sum: 1 },
      { level: 1, count: 2, sum: 91 },
    ]);
  });

  it('counts each click once in a day that two ingesters fill at once', async () => {
    await addLink(clients[0]!, { id: LINK });
    const [one, other] = [await newIngester(), await newIngester()];
    const clicks = Array.from({ length: 120 }, (_, n) => click({ address: `203.0.113.${n}` }));
    for (let round = 0; round < 10; round += 1) {
      await Promise.all([one.ingest([segment(...clicks)]), other.ingest([segment(...clicks)])]);
    }
    for (const owner of ['link', 'workspace']) {
      expect(await sumOf('clicks', `${owner}_blocks`)).toBe(2_400);
    }
  });

  it('counts a visitor once on each day, in whichever segments their clicks come', async () => {
    for (const clickedAt of [NOON, NOON + HOUR, NOON + DAY]) {
      await ingester.ingest([segment(click({ clickedAt })), segment(click({ clickedAt }))]);
    }
    await ingester.ingest([segment(click({ userAgent: `${BROWSER} other` }))]);
    await ingester.ingest([segment(click({ userAgent: 'curl/8.5.0' }))]);
    expect(await totals()).toEqual([{ clicks: 8, bots: 1, visitors: 3 }]);
    const hashes = await rows('SELECT DISTINCT visitor FROM clicks WHERE NOT is_bot');
    expect(hashes).toHaveLength(3);
  });

  it('counts a visitor of the same day once although two ingesters meet them at once', async () => {
    const other = await newIngester();
    for (let round = 0; round < 10; round += 1) {
      const clickedAt = NOON + round * DAY;
      await Promise.all([
        ingester.ingest([segment(click({ clickedAt }))]),
        other.ingest([segment(click({ clickedAt }))]),
      ]);
    }
    expect(await totals()).toEqual([{ clicks: 20, bots: 0, visitors: 10 }]);
  });

  it('adds nothing when a committed segment comes again, alone or among new ones', async () => {
    const first = segment(click(), click());
    expect(await ingester.ingest([first])).toBe(2);
    expect(await ingester.ingest([first])).toBe(0);
    expect(await ingester.ingest([first, segment(click())])).toBe(1);
    expect(await (await newIngester()).ingest([first])).toBe(0);
    expect(await totals()).toEqual([{ clicks: 3, bots: 0, visitors: 1 }]);
    expect(await count('clicks')).toBe(3);
  });

  it('takes a segment once that two bring at the same moment', async () => {
    const other = await newIngester();
    for (let round = 0; round < 10; round += 1) {
      const same = segment(click(), click());
      const outcomes = await Promise.allSettled([ingester.ingest([same]), other.ingest([same])]);
      const added = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : 0));
      expect(added.reduce((sum, clicks) => sum + clicks, 0)).toBe(2);
      // Whoever was refused finds on the next attempt that there is nothing left to do.
      expect(await other.ingest([same])).toBe(0);
    }
    expect(await totals()).toEqual([{ clicks: 20, bots: 0, visitors: 1 }]);
  });

  it('does not deadlock with another that brings the same links in another order', async () => {
    const other = await newIngester();
    const links = Array.from({ length: 30 }, () => uuidv7());
    const batch = (linkIds: string[], round: number) =>
      segment(
        ...linkIds.map((linkId, n) =>
          click({ linkId, address: `203.0.113.${n}`, clickedAt: NOON + round * DAY }),
        ),
      );
    for (let round = 0; round < 10; round += 1) {
      await Promise.all([
        ingester.ingest([batch(links, round)]),
        other.ingest([batch(links.toReversed(), round)]),
      ]);
    }
    expect(await count('clicks')).toBe(600);
  });

  it('stores nothing of a batch that fails, and all of it later', async () => {
    const good = segment(click());
    const bad = segment(click({ linkId: 'no uuid' }));
    await expect(ingester.ingest([good, bad])).rejects.toMatchObject({ code: '22P02' });
    for (const table of ['clicks', 'ingested_segments', 'link_totals', 'visitor_days']) {
      expect([table, await count(table)]).toEqual([table, 0]);
    }
    expect(await ingester.ingest([good])).toBe(1);
  });

  it('makes the partition of every month that clicks come from, also late ones', async () => {
    const other = await newIngester();
    const months = Array.from({ length: 14 }, (_, n) => Date.UTC(2025, n, 1) - 1);
    await Promise.all([
      ingester.ingest([segment(...months.map((clickedAt) => click({ clickedAt })))]),
      other.ingest([segment(...months.map((clickedAt) => click({ clickedAt: clickedAt + 1 })))]),
    ]);
    expect(await totals()).toMatchObject([{ clicks: 28 }]);
    const partitions = await rows<{ name: string }>(
      `SELECT inhrelid::regclass::text AS name FROM pg_inherits
       WHERE inhparent = 'clicks'::regclass ORDER BY name`,
    );
    expect(partitions.at(0)).toEqual({ name: 'clicks_2024_12' });
    expect(partitions.at(-1)).toEqual({ name: 'clicks_2026_02' });
    expect(partitions).toHaveLength(15);
    const [last] = await rows<{ at: Date }>('SELECT last_clicked_at AS at FROM link_totals');
    expect(last!.at.getTime()).toBe(months.at(-1)! + 1);
  });

  it('stores empty segments, and clicks with nothing in them', async () => {
    expect(await ingester.ingest([])).toBe(0);
    expect(await ingester.ingest([segment()])).toBe(0);
    const nothing = { address: '', userAgent: '', referrer: '', language: '', query: '' };
    const noise = '\u0000\ud800\u0007💥'.repeat(200);
    expect(
      await ingester.ingest([
        segment(
          click(nothing),
          click({ referrer: noise, language: noise, query: `utm_source=${noise}&utm_source=%00` }),
        ),
      ]),
    ).toBe(2);
    expect(await totals()).toEqual([{ clicks: 2, bots: 1, visitors: 1 }]);
  });

  it('counts visitors whatever the settings of the database are', async () => {
    const name = new URL(database.url).pathname.slice(1);
    await clients[0]!.query(`ALTER DATABASE ${name} SET datestyle = 'German'`);
    await clients[0]!.query(`ALTER DATABASE ${name} SET timezone = 'Pacific/Auckland'`);
    const elsewhere = await newIngester();
    await elsewhere.ingest([segment(click(), click({ clickedAt: Date.UTC(2026, 10, 1) - 1 }))]);
    expect(await totals()).toEqual([{ clicks: 2, bots: 0, visitors: 2 }]);
    expect(await rows(`SELECT day::text FROM visitor_days ORDER BY day`)).toEqual([
      { day: '2026-10-31' },
      { day: '2026-11-23' },
    ]);
  });

  it('forgets the salts of visitors after two days, and no others', async () => {
    const today = Date.now();
    await ingester.ingest([
      segment(click({ clickedAt: today }), click({ clickedAt: today - 10 * DAY })),
    ]);
    const client = clients[0]!;
    await client.query(
      `UPDATE visitor_salts SET created_at = now() - interval '3 days' WHERE day < current_date - 2`,
    );
    await client.query(`INSERT INTO ingested_segments VALUES ($1, now() - interval '91 days')`, [
      uuidv7(),
    ]);
    await new TestIngestion(client).tidyUp(today, 10_000);
    expect(await count('visitor_salts')).toBe(1);
    expect(await count('ingested_segments')).toBe(1);
  });
});
