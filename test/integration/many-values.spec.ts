import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import {
  type Dimension,
  type Filter,
  MOST_VALUES,
  OTHER_VALUES,
} from '../../src/analytics/analytics.types.js';
import type { ClickRecord } from '../../src/analytics/common/spool-format.js';
import { ReportDatabase } from '../../src/analytics/reports/report-database.js';
import { ReportReader } from '../../src/analytics/reports/report-reader.js';
import type { ReportNumbers } from '../../src/analytics/reports/reports.types.js';
import { uuidv7 } from '../../src/common/uuid.js';
import { BROWSER } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { TestIngestion } from '../support/ingestion.js';
import { addLink } from '../support/rows.js';

const DAY = 86_400_000;
const TODAY = Date.UTC(2026, 10, 23);
/** More than are told apart, of a link and of a workspace. */
const MANY = MOST_VALUES.workspace + 500;

/** One stranger sends other values with every request. */
describe('Clicks whose values are all different', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let pool: pg.Pool;
  let ingestion: TestIngestion;
  let link: string;
  let workspace: string;

  beforeEach(async () => {
    database = await createDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    pool = new pg.Pool({ connectionString: database.url });
    ingestion = new TestIngestion(client);
    link = await addLink(client);
    const { rows } = await client.query<{ id: string }>('SELECT id FROM workspaces');
    workspace = rows[0]!.id;
  });
  afterEach(async () => {
    await client.end();
    await pool.end();
    await database.drop();
  });

  const random = (): string => randomBytes(12).toString('hex');
  const plain = (): Partial<ClickRecord> => ({
    referrer: 'https://news.example/',
    query: 'utm_source=mail&utm_medium=email&utm_campaign=spring',
  });
  const hostile = (): Partial<ClickRecord> => ({
    referrer: `https://${random()}.example/`,
    query: `utm_source=${random()}&utm_medium=${random()}&utm_campaign=${random()}`,
  });

  /** Some of both kinds in each transaction, spread over the day. */
  async function ingest(clicks: { plain: number; hostile: number }, batches = 5): Promise<void> {
    for (let batch = 0; batch < batches; batch += 1) {
      const made = [
        ...Array.from({ length: clicks.plain / batches }, plain),
        ...Array.from({ length: clicks.hostile / batches }, hostile),
      ];
      const records = made.map((values, n) => ({
        linkId: link,
        clickedAt: TODAY + Math.floor(((batch + n / made.length) / batches) * DAY),
        address: '203.0.113.9',
        userAgent: BROWSER,
        language: 'de',
        isPrefetch: false,
        referrer: '',
        query: '',
        ...values,
      }));
      const segment = { id: uuidv7(), path: '', bytes: 0, records, marked: [], corruptLines: [] };
      await ingestion.ingester.ingest([segment]);
    }
  }
  const numberOf = async (sql: string): Promise<number> =>
    (await client.query<{ n: number }>(`SELECT (${sql})::float8 AS n`)).rows[0]!.n;
  const report = (
    owner: 'link' | 'workspace',
    groupBy: Dimension[],
    filters: Filter[] = [],
  ): Promise<ReportNumbers> =>
    new ReportReader(new ReportDatabase(pool), 0).read({
      scope: owner === 'link' ? { linkIds: [link] } : { workspaceId: workspace },
      range: { from: TODAY, to: TODAY + DAY },
      starts: [TODAY],
      groupBy,
      filters,
      limit: 100,
    });

  it('are told apart as far as that is bounded, and all of them are counted', async () => {
    await ingest({ plain: 200, hostile: MANY }, 2);
    for (const owner of ['link', 'workspace'] as const) {
      for (const dimension of ['referrer', 'utm_source', 'utm_campaign'] as const) {
        const { totals, breakdown } = await report(owner, [dimension]);
        expect(totals.clicks).toBe(MANY + 200);
        expect(breakdown).toHaveLength(101);
        expect(breakdown[0]).toMatchObject({ other: false, clicks: 200 });
        expect(breakdown.at(-1)).toMatchObject({ value: 'other', other: true });
        expect(breakdown.reduce((sum, { clicks }) => sum + clicks, 0)).toBe(totals.clicks);
      }
      const only = (value: string): Filter[] => [{ dimension: 'referrer', only: [value], not: [] }];
      const known = await report(owner, ['utm_source'], only('news.example'));
      expect(known.breakdown).toMatchObject([{ value: 'mail', clicks: 200 }]);
      const { totals } = await report(owner, [], only(OTHER_VALUES));
      const folded = MANY / 2 - MOST_VALUES[owner];
      expect(totals.clicks).toBeGreaterThanOrEqual(2 * Math.max(0, folded));
    }
    expect(await numberOf('SELECT count(DISTINCT referrer_host) FROM clicks')).toBe(MANY + 1);
  });

  it('take little more than others in what is counted, once the day is over', async () => {
    await ingest({ plain: 0, hostile: MANY });
    await ingestion.tidyUp(TODAY + 2 * DAY, 10_000);
    expect(await numberOf('SELECT count(*) FROM link_blocks')).toBe(1);
    // The values of a click are some 180 bytes.
    const size = await numberOf('SELECT octet_length(rows) FROM link_blocks');
    expect(size).toBeLessThan(MOST_VALUES.link * 180 + MANY * 10);
  });
});
