import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { DIMENSIONS } from '../../src/analytics/analytics.types.js';
import type { ClickRecord } from '../../src/analytics/common/spool-format.js';
import { aClick } from '../../src/analytics/recording/click.fake.js';
import { ReportDatabase } from '../../src/analytics/reports/report-database.js';
import { ReportReader } from '../../src/analytics/reports/report-reader.js';
import { uuidv7 } from '../../src/common/uuid.js';
import { BROWSER } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { TestIngestion } from '../support/ingestion.js';
import { addLink } from '../support/rows.js';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 23, 12);
const TABLES = ['clicks', 'link_days', 'workspace_days', 'link_totals', 'visitor_days'];
const COUNTED = [...TABLES, 'link_blocks', 'workspace_blocks', 'ingested_segments'];

describe('The clicks of a link', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let pool: pg.Pool;
  let ingestion: TestIngestion;
  let links: string[];
  let workspaceId: string;

  beforeEach(async () => {
    database = await createDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(`SET TIME ZONE 'UTC'`);
    pool = new pg.Pool({ connectionString: database.url });
    const countries = { find: (address: string) => (address.endsWith('1') ? 'DE' : undefined) };
    ingestion = new TestIngestion(client, countries);
    links = [];
    for (let n = 0; n < 4; n += 1) links.push(await addLink(client));
    workspaceId = String((await rows('SELECT workspace_id AS id FROM links'))[0]!['id']);
    await client.query('UPDATE links SET workspace_id = $1', [workspaceId]);
  });
  afterEach(async () => {
    await client.end();
    await pool.end();
    await database.drop();
  });

  const rows = async (sql: string): Promise<Record<string, unknown>[]> =>
    (await client.query(sql)).rows as Record<string, unknown>[];

  /** All that is stored and all that reports tell; how many blocks it is in is of no interest. */
  async function everything() {
    const tables = await Promise.all(TABLES.map((table) => rows(`SELECT * FROM ${table}`)));
    const stored = tables.map((table) => table.map(({ blocks: _, id: __, ...row }) => row));
    const reports = await Promise.all([
      reportOf({ workspaceId }),
      ...links.map((id) => reportOf({ linkIds: [id] })),
    ]);
    return [...stored, reports].map((table) => table.map((row) => JSON.stringify(row)).toSorted());
  }
  async function reportOf(scope: { workspaceId: string } | { linkIds: string[] }) {
    const range = { from: NOW - 10 * DAY, to: NOW + DAY };
    const starts = Array.from({ length: 11 * 24 }, (_, hour) => range.from + hour * 3_600_000);
    const { series, breakdown, topLinks } = await new ReportReader(
      new ReportDatabase(pool),
      0,
    ).read({ scope, range, starts, groupBy: [...DIMENSIONS], filters: [], limit: 100 });
    return [
      [...series].filter(([, counts]) => counts.clicks > 0).toSorted(([a], [b]) => a - b),
      breakdown,
      topLinks,
    ];
  }
  const ingest = (records: ClickRecord[]) =>
    ingestion.ingester.ingest([
      { id: uuidv7(), path: '', bytes: 0, marked: [], corruptLines: [], records },
    ]);
  const ask = (linkId: string) =>
    client.query(
      `INSERT INTO click_deletions (link_id, requested_at) VALUES ($1, now())
       ON CONFLICT (link_id) DO UPDATE SET requested_at = now()`,
      [linkId],
    );

  /** Clicks of all links on some days, so many that there are blocks of several levels. */
  function made(): ClickRecord[][] {
    return Array.from({ length: 4 * 18 }, (_, part) =>
      Array.from({ length: 24 }, (__, n) => ({
        ...aClick,
        linkId: links[[0, 0, 0, 1, 1, 2, 0, part % 5 === 0 ? 3 : 0][n % 8]!]!,
        clickedAt: NOW - (part % 4) * DAY + n * 60_000 + part,
        address: `203.0.113.${(n * part) % 40}`,
        userAgent: n % 9 === 0 ? 'curl/8' : BROWSER,
        referrer: n % 8 === 0 ? `https://only-${part}.of-the-first.example/` : '',
        query: n % 3 === 0 ? 'utm_source=mail' : '',
      })),
    );
  }

  it('are deleted as if there had never been any, and those of others stay', async () => {
    const clicks = made();
    for (const part of clicks) await ingest(part);
    await ask(links[0]!);
    expect(await ingestion.deleter.deleteNext()).toBe(true);
    expect(await ingestion.deleter.deleteNext()).toBe(false);
    const left = await everything();
    await client.query('DELETE FROM click_deletions');
    await client.query(`TRUNCATE ${COUNTED.join(', ')}`);
    for (const part of clicks) await ingest(part.filter(({ linkId }) => linkId !== links[0]));
    expect(left).toEqual(await everything());
    expect(JSON.stringify(left)).not.toContain('of-the-first');
  });

  it('leave nothing in any block, nor a value that only they had', async () => {
    for (const part of made()) await ingest(part);
    await ask(links[0]!);
    await ingestion.deleter.deleteNext();
    const blocks = await rows('SELECT rows FROM workspace_blocks');
    expect(blocks.length).toBeGreaterThan(4);
    for (const block of blocks) expect(String(block['rows'])).not.toContain('of-the-first');
  });

  it('do not come back from what was still in the spool, and later ones count', async () => {
    const [first, ...others] = made();
    await ingest(first!);
    await ask(links[0]!);
    await ingestion.deleter.deleteNext();
    for (const part of others) await ingest(part);
    expect(await rows(`SELECT FROM clicks WHERE link_id = '${links[0]}'`)).toEqual([]);
    expect(await rows(`SELECT FROM link_totals WHERE link_id = '${links[0]}'`)).toEqual([]);
    await ingest([{ ...aClick, linkId: links[0]!, clickedAt: Date.now() + 1_000 }]);
    expect(await rows(`SELECT clicks FROM link_totals WHERE link_id = '${links[0]}'`)).toEqual([
      { clicks: '1' },
    ]);
    // And once more.
    await ask(links[0]!);
    await ingestion.deleter.deleteNext();
    expect(await rows(`SELECT FROM link_totals WHERE link_id = '${links[0]}'`)).toEqual([]);
  });

  it('are not deleted in a workspace that they were counted in before the link moved', async () => {
    const before = String(
      (await rows('SELECT id FROM workspaces ORDER BY id DESC LIMIT 1'))[0]!['id'],
    );
    await client.query('UPDATE links SET workspace_id = $1', [before]);
    await ingest(made()[0]!);
    await client.query('UPDATE links SET workspace_id = $1', [workspaceId]);
    ingestion.ingester.forgetLinks();
    await ingest(made()[4]!);
    await ask(links[0]!);
    await ingestion.deleter.deleteNext();
    const sums = await rows(
      'SELECT workspace_id AS id, sum(clicks)::int AS clicks FROM workspace_days GROUP BY 1',
    );
    const others = made()[4]!.filter(({ linkId }) => linkId !== links[0]).length;
    expect(Object.fromEntries(sums.map(({ id, clicks }) => [id, clicks]))).toEqual({
      [before]: 24,
      [workspaceId]: others,
    });
  });
});
