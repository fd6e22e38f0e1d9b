import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Filter } from '../../src/analytics/analytics.types.js';
import { ClickBlocksService } from '../../src/analytics/blocks/click-blocks.service.js';
import type { ClickRecord } from '../../src/analytics/common/spool-format.js';
import { ReportDatabase } from '../../src/analytics/reports/report-database.js';
import { ReportReader } from '../../src/analytics/reports/report-reader.js';
import type { ReportNumbers, ReportSelection } from '../../src/analytics/reports/reports.types.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { TestIngestion } from '../support/ingestion.js';

const DAY = 86_400_000;
const FIRST = Date.parse('2026-03-20T00:00:00Z');
const DAYS = 4;
const TODAY = FIRST + (DAYS - 1) * DAY;

describe(ClickBlocksService.name, () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  let ingestion: TestIngestion;
  let client: pg.Client;
  let reports: ReportReader;
  let workspaceId: string;
  let links: string[];
  /** How many blocks the last report has read. */
  let blocksRead = 0;

  beforeAll(async () => {
    database = await createDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    pool = new pg.Pool({ connectionString: database.url });
    ingestion = new TestIngestion(client, { find: () => 'US' });
  });

  afterAll(async () => {
    await pool.end();
    await client.end();
    await database.drop();
  });

  beforeEach(async () => {
    workspaceId = randomUUID();
    links = [randomUUID(), randomUUID()];
    await client.query(`INSERT INTO workspaces (id, name, created_at) VALUES ($1, 'Ours', now())`, [
      workspaceId,
    ]);
    for (const id of links) {
      await client.query(
        `INSERT INTO links (id, workspace_id, code, url, tags)
         VALUES ($1, $2, $3, 'https://example.com/', '{sale}')`,
        [id, workspaceId, id.slice(-12)],
      );
    }
    reports = reportsKeeping(1_000_000);
    for (let day = 0; day < DAYS; day += 1) await click(links[0]!, FIRST + day * DAY, 3);
    await ingestion.tidyUp(TODAY + 1, 10_000);
  });

  const reportsKeeping = (cacheBytes: number): ReportReader =>
    new ReportReader(countingBlocks(new ReportDatabase(pool)), cacheBytes);

  function countingBlocks(from: ReportDatabase): Pick<ReportDatabase, 'read'> {
    return {
      read: (work) =>
        from.read((snapshot) =>
          work({
            query: async <Row extends object>(sql: string, values?: unknown[]) => {
              const result = await snapshot.query<Row>(sql, values);
              if (sql.includes('row_quarters') || sql.includes('rows')) {
                blocksRead += result.rows.length;
              }
              return result;
            },
          }),
        ),
    };
  }

  async function click(
    linkId: string,
    day: number,
    times: number,
    more: Partial<ClickRecord> = {},
  ): Promise<void> {
    const records = Array.from({ length: times }, (_, n): ClickRecord => ({
      linkId,
      clickedAt: day + n * 60_000,
      address: `10.0.0.${n}`,
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      referrer: '',
      language: 'de',
      query: '',
      isPrefetch: false,
      ...more,
    }));
    await ingestion.ingester.ingest([
      { path: '', bytes: 0, marked: [], corruptLines: [], id: randomUUID(), records },
    ]);
  }

  const ask = (changes: Partial<ReportSelection> = {}): Promise<ReportNumbers> => {
    blocksRead = 0;
    return reports.read({
      scope: { workspaceId },
      range: { from: FIRST, to: TODAY + DAY },
      starts: Array.from({ length: DAYS }, (_, day) => FIRST + day * DAY),
      groupBy: ['browser'],
      filters: [{ dimension: 'country', only: ['US'], not: [] }],
      limit: 10,
      ...changes,
    });
  };
  const counts = (clicks: number) => expect.objectContaining({ clicks, humans: clicks });

  it('reads each block once for all questions that need the same of it', async () => {
    const first = await ask();
    expect(blocksRead).toBe(DAYS);
    expect(first.totals).toEqual(counts(3 * DAYS));
    expect(await ask()).toEqual(first);
    expect((await ask({ groupBy: ['os'] })).totals).toEqual(first.totals);
    expect(blocksRead).toBe(0);
    await click(links[1]!, TODAY, 2);
    const later = await ask();
    expect(blocksRead).toBe(1);
    expect(later.series.get(DAYS - 1)).toEqual(counts(5));
    expect(later.topLinks).toEqual([
      expect.objectContaining({ linkId: links[0], clicks: 3 * DAYS }),
      expect.objectContaining({ linkId: links[1], clicks: 2 }),
    ]);
    expect(later.breakdown).toEqual([expect.objectContaining({ value: 'Firefox', clicks: 14 })]);
    expect(later.tags).toEqual([expect.objectContaining({ tag: 'sale', clicks: 14 })]);
  });

  it('tells the targets of clicks beside blocks from before there were any, merged or not', async () => {
    await click(links[1]!, TODAY, 2, { target: 'rule-1', query: 'qr' });
    const byTarget = { groupBy: ['target', 'qr'] as ReportSelection['groupBy'], filters: [] };
    for (const isMerged of [false, true]) {
      if (isMerged) await ingestion.tidyUp(TODAY + 2 * DAY, 10_000);
      const { totals, breakdown } = await ask(byTarget);
      expect(totals.clicks).toBe(3 * DAYS + 2);
      expect(breakdown).toEqual([
        expect.objectContaining({ dimension: 'target', value: null, clicks: 3 * DAYS }),
        expect.objectContaining({ dimension: 'target', value: 'rule-1', clicks: 2 }),
        expect.objectContaining({ dimension: 'qr', value: null, clicks: 3 * DAYS }),
        expect.objectContaining({ dimension: 'qr', value: 'qr', clicks: 2 }),
      ]);
      const only: Filter[] = [{ dimension: 'target', only: [null], not: [] }];
      expect((await ask({ ...byTarget, filters: only })).totals.clicks).toBe(3 * DAYS);
    }
  });

  it('counts late clicks, before their blocks are merged and after', async () => {
    await ask();
    await click(links[0]!, FIRST, 4);
    expect((await ask()).series.get(0)).toEqual(counts(7));
    expect(blocksRead).toBe(1);
    await ingestion.tidyUp(TODAY + 1, 10_000);
    expect((await ask()).series.get(0)).toEqual(counts(7));
    expect(blocksRead).toBe(1);
  });

  it('counts what has become one block, and reads no more', async () => {
    await ask();
    for (let n = 0; n < 15; n += 1) await click(links[1]!, TODAY, 1);
    expect((await ask()).totals).toEqual(counts(3 * DAYS + 15));
    expect(blocksRead).toBe(1);
  });

  it('counts the links that have the tag now', async () => {
    const scope = { workspaceId, tag: 'sale' };
    expect((await ask({ scope })).totals).toEqual(counts(3 * DAYS));
    expect((await ask({ scope })).totals).toEqual(counts(3 * DAYS));
    await client.query(`UPDATE links SET tags = '{}' WHERE id = $1`, [links[0]]);
    expect((await ask({ scope })).totals.clicks).toBe(0);
  });

  it('tells questions apart', async () => {
    await ask();
    const filters: Filter[] = [{ dimension: 'country', only: [], not: ['US'] }];
    expect((await ask({ filters })).totals.clicks).toBe(0);
    expect((await ask({ range: { from: FIRST + DAY, to: TODAY } })).totals).toEqual(counts(6));
    expect((await ask({ scope: { linkIds: [links[1]!] } })).totals.clicks).toBe(0);
  });

  it('counts tags of links that have very many', async () => {
    const many = Array.from({ length: 20 }, (_, n) => `${n}${'💥'.repeat(48)}`);
    await client.query('UPDATE links SET tags = $2 WHERE id = $1', [links[1], many]);
    await click(links[1]!, TODAY, 2);
    const { tags } = await ask({ limit: 30 });
    expect(tags.map(({ tag, clicks }) => [tag, clicks])).toEqual([
      ['sale', 3 * DAYS],
      ...many.toSorted((a, b) => (a < b ? -1 : 1)).map((tag) => [tag, 2]),
    ]);
    expect((await ask({ scope: { workspaceId, tag: many[7]! } })).totals).toEqual(counts(2));
  });

  describe('asked for visitors by a value that may be another at their next click', () => {
    const byLanguage: Filter[] = [{ dimension: 'language', only: ['de'], not: [] }];
    const unknown = { visitors: null, visitorsUnknown: 'varying-value' };

    beforeEach(async () => {
      // They come again, and more of them.
      await click(links[0]!, FIRST + 60_000, 5);
    });

    it('counts those of the clicks that pass', async () => {
      const { totals, series } = await ask({ filters: byLanguage });
      expect(totals).toEqual({ clicks: 17, humans: 17, bots: 0, visitors: 14 });
      expect(series.get(0)).toMatchObject({ humans: 8, visitors: 5 });
    });

    it.each([
      ['some of the clicks are gone', `DELETE FROM clicks WHERE clicked_at >= '2026-03-21'`],
      [
        'links have moved',
        'UPDATE links SET workspace_id = (SELECT id FROM workspaces ORDER BY created_at LIMIT 1)',
      ],
      ['there are more than are read', 'UPDATE workspace_days SET clicks = clicks + 10000'],
    ])('says that it does not know if %s', async (_, sql) => {
      await client.query(sql);
      const { totals, topLinks } = await ask({ filters: byLanguage });
      expect(totals).toMatchObject({ humans: 17, ...unknown });
      for (const row of topLinks) expect(row).toMatchObject(unknown);
    });
  });

  it('reads all blocks each time if nothing is to stay in memory', async () => {
    reports = reportsKeeping(0);
    const first = await ask();
    expect(await ask()).toEqual(first);
    expect(blocksRead).toBe(DAYS);
  });
});
