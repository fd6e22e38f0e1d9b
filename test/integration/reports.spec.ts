import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { DataSource } from 'typeorm';
import {
  CLICK_COLUMNS,
  type Counts,
  type Dimension,
  DIMENSIONS,
  type Filter,
} from '../../src/analytics/analytics.types.js';
import type { ClickRecord } from '../../src/analytics/common/spool-format.js';
import { passesFilter } from '../../src/analytics/common/filter.js';
import { parseFilter } from '../../src/analytics/reports/filter.js';
import { LinkTotalsRepository } from '../../src/analytics/reports/link-totals.repository.js';
import { ReportDatabase } from '../../src/analytics/reports/report-database.js';
import { ReportReader } from '../../src/analytics/reports/report-reader.js';
import {
  type CountsResponse,
  LinkStatsResponse,
} from '../../src/analytics/reports/dto/stats.response.js';
import { ReportsService } from '../../src/analytics/reports/reports.service.js';
import type {
  StatsQuery,
  ToldCounts,
  WorkspaceStatsQuery,
} from '../../src/analytics/reports/reports.types.js';
import { Clock } from '../../src/common/clock.js';
import { ProblemError } from '../../src/common/problem/problem.error.js';
import { DatabaseService } from '../../src/platform/database/database.service.js';
import type { LinksService } from '../../src/links/links.service.js';
import type { WorkspacesService } from '../../src/workspaces/workspaces.service.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { TestIngestion } from '../support/ingestion.js';
import { randomNumbers } from '../support/random-numbers.js';

const FROM = Date.parse('2026-03-20T00:00:00Z');
const TO = Date.parse('2026-04-10T00:00:00Z');
const DAY = 86_400_000;
/** With very many clicks: one of them has 23 hours in Paris. */
const BUSY_DAYS = [Date.parse('2026-03-25T00:00:00Z'), Date.parse('2026-03-29T00:00:00Z')];
const ZONES = [
  'UTC',
  'Europe/Paris',
  'America/St_Johns',
  'Asia/Kathmandu',
  'Africa/Casablanca',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
];
const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0';
const AGENTS = [CHROME, FIREFOX, 'Googlebot/2.1', ''];
const USER = 'user';
const WORKSPACE = randomUUID();

/** A click as the database has it: what every report must agree with. */
interface StoredClick extends Record<Dimension, string | null> {
  id: string;
  linkId: string;
  at: number;
  isBot: boolean;
  isNewVisitor: boolean;
  visitor: string;
}

describe(ReportsService, () => {
  const random = randomNumbers(20261123);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const links = Array.from({ length: 4 }, (_, index) => ({
    id: randomUUID(),
    code: `code-${index}`,
    tags: [['sale', 'mail'], ['sale'], [], ['gone']][index]!,
    deleted: index === 3,
  }));
  const link = links[0]!.id;
  let database: TestDatabase;
  let dataSource: DataSource;
  let client: pg.Client;
  let pool: pg.Pool;
  let reports: ReportsService;
  let clicks: StoredClick[];

  beforeAll(async () => {
    database = await createDatabase();
    dataSource = await new DataSource({ type: 'postgres', url: database.url }).initialize();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    pool = new pg.Pool({ connectionString: database.url });
    const databaseService = new DatabaseService(dataSource);
    reports = new ReportsService(
      new ReportReader(new ReportDatabase(pool), 200_000),
      new LinkTotalsRepository(databaseService),
      fakeLinks(links.filter(({ deleted }) => !deleted)),
      fakeWorkspaces(),
      new Clock(),
    );
    await insertLinks();
    await ingest();
    clicks = await storedClicks();
  }, 60_000);

  afterAll(async () => {
    await client.end();
    await pool.end();
    await dataSource.destroy();
    await database.drop();
  });

  const query = (changes: Partial<WorkspaceStatsQuery> = {}): WorkspaceStatsQuery => ({
    interval: 'day',
    timezone: 'UTC',
    from: '2026-03-22',
    to: '2026-04-05',
    groupBy: [],
    limit: 100,
    filters: [],
    ...changes,
  });
  const ofLink = (changes: Partial<StatsQuery> = {}) => reports.ofLink(USER, link, query(changes));
  const inRange = (from: string, to: string) => (click: StoredClick) =>
    click.at >= Date.parse(from) && click.at < Date.parse(to);
  const allOfTheLink = () => clicks.filter((click) => click.linkId === link);
  const ofTheLink = (from: string, to: string): StoredClick[] =>
    allOfTheLink().filter(inRange(from, to));

  it('is tried on days without blocks, with some, and with merged ones', async () => {
    const { rows } = await client.query<Record<string, number>>(
      `WITH days AS (
         SELECT count(*) FILTER (WHERE blocks = 0)::int AS quiet,
           count(*) FILTER (WHERE blocks > 0)::int AS busy, max(blocks) AS blocks FROM link_days
       ), merged AS (SELECT count(*)::int AS merged FROM link_blocks WHERE level > 0)
       SELECT * FROM days, merged`,
    );
    expect(rows[0]!['quiet']).toBeGreaterThan(20);
    expect(rows[0]!['busy']).toBeGreaterThan(10);
    expect(rows[0]!['blocks']).toBeGreaterThan(16);
    expect(rows[0]!['merged']).toBeGreaterThan(10);
  });

  it.each(ZONES)('counts every click in the right day of %s', async (timezone) => {
    const report = await ofLink({ timezone });
    const days = groupBy(ofTheLink(report.from, report.to), ({ at }) => dayIn(timezone, at));
    expect(report.series).toHaveLength(15);
    expect(report.series).toEqual(
      report.series.map(({ start }) => ({
        start,
        ...countsOf(days.get(start.slice(0, 10)) ?? [], allOfTheLink()),
      })),
    );
  });

  it.each(ZONES)('counts every click once, whatever the interval, in %s', async (timezone) => {
    for (const interval of ['hour', 'day', 'week', 'month'] as const) {
      const report = await ofLink({ interval, timezone });
      const expected = ofTheLink(report.from, report.to);
      expect(expected.length).toBeGreaterThan(300);
      expect(report.totals).toEqual(countsOf(expected, allOfTheLink()));
      expect(addUp(report.series)).toEqual(report.totals);
    }
  });

  it('tells weeks apart on the days on which they meet, of many weeks', async () => {
    const report = await ofLink({
      interval: 'week',
      timezone: 'Europe/Paris',
      from: '2026-02-02',
      to: '2026-05-03',
      groupBy: ['country'],
    });
    const starts = report.series.map(({ start }) => Date.parse(start));
    const weeks = groupBy(ofTheLink(report.from, report.to), ({ at }) =>
      starts.findLast((start) => start <= at),
    );
    expect(weeks.size).toBeGreaterThan(2);
    expect(report.series.map(({ start: _, ...counts }) => counts)).toEqual(
      starts.map((start) => countsOf(weeks.get(start) ?? [], allOfTheLink())),
    );
  });

  it.each(ZONES)('breaks down by every dimension in %s', async (timezone) => {
    const report = await ofLink({ timezone, groupBy: [...DIMENSIONS] });
    const expected = ofTheLink(report.from, report.to);
    for (const dimension of DIMENSIONS) {
      const rows = report.breakdown.filter((row) => row.dimension === dimension);
      const values = groupBy(expected, (click) => click[dimension]);
      expect(new Map(rows.map(({ value, ...row }) => [value, row]))).toEqual(
        new Map(
          [...values].map(([value, group]) => [
            value,
            {
              dimension,
              other: false,
              ...countsOf(
                group,
                allOfTheLink().filter((click) => click[dimension] === value),
              ),
            },
          ]),
        ),
      );
      const sizes = rows.map((row) => row.clicks);
      expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    }
  });

  it('counts a range within an hour, and one that begins and ends within hours', async () => {
    for (const [from, to] of [
      ['2026-03-25T10:15:00Z', '2026-03-25T10:45:00Z'],
      ['2026-03-25T10:45:00Z', '2026-03-25T11:15:00Z'],
      ['2026-03-24T10:45:00Z', '2026-03-28T11:15:00Z'],
      ['2026-03-25T10:00:00Z', '2026-03-25T10:30:00Z'],
    ] as const) {
      const report = await ofLink({ from, to, groupBy: ['device', 'utm_source'] });
      const expected = countsOf(ofTheLink(from, to), allOfTheLink());
      expect(report.totals).toEqual(expected);
      expect(addUp(report.breakdown.filter((row) => row.dimension === 'device'))).toEqual(
        addUp([expected]),
      );
      const filtered = await ofLink({ from, to, filters: [parseFilter('country', 'US')!] });
      const passing = ofTheLink(from, to).filter(({ country }) => country === 'US');
      const all = allOfTheLink().filter(({ country }) => country === 'US');
      expect(filtered.totals).toEqual(countsOf(passing, all));
    }
  });

  it('sums up the values beyond the limit, with and without filters', async () => {
    for (const filters of [[], [parseFilter('browser', 'Chrome')!]]) {
      const all = await ofLink({ groupBy: ['country', 'os'], filters });
      const few = await ofLink({ groupBy: ['country', 'os'], limit: 2, filters });
      for (const dimension of ['country', 'os'] as const) {
        const expected = all.breakdown.filter((row) => row.dimension === dimension);
        const rows = few.breakdown.filter((row) => row.dimension === dimension);
        expect(rows.slice(0, 2)).toEqual(expected.slice(0, 2));
        const rest = expected.slice(2);
        const other = { dimension, value: 'other', other: true, ...addUp(rest) };
        expect(rows.slice(2)).toEqual(rest.length > 0 ? [other] : []);
        expect(addUp(rows)).toEqual(few.totals);
      }
    }
  });

  it.each([
    ['country', 'US,FR', (value: string | null) => value === 'US' || value === 'FR'],
    ['country', '-US,-FR', (value: string | null) => value !== 'US' && value !== 'FR'],
    ['country', '(unknown),US', (value: string | null) => value === null || value === 'US'],
    ['country', '-(unknown),-US', (value: string | null) => value !== null && value !== 'US'],
    ['referrer', '(unknown)', (value: string | null) => value === null],
    ['referrer', '-(unknown)', (value: string | null) => value !== null],
    [
      'utm_campaign',
      String.raw`a\,b,\-c`,
      (value: string | null) => value === 'a,b' || value === '-c',
    ],
    ['browser', 'Chrome,-Chrome', () => false],
  ] as const)('filters by %s=%s', async (dimension, text, matches) => {
    const filters = [parseFilter(dimension, text)!];
    const report = await ofLink({ filters, groupBy: ['country'], timezone: 'Europe/Paris' });
    const passing = allOfTheLink().filter((click) => matches(click[dimension]));
    const expected = passing.filter(inRange(report.from, report.to));
    expect(report.totals).toEqual(countsOf(expected, passing));
    expect(addUp(report.series)).toEqual(report.totals);
    expect(addUp(report.breakdown)).toEqual(report.totals);
    const countries = groupBy(expected, ({ country }) => country);
    expect(new Map(report.breakdown.map((row) => [row.value, row.visitors]))).toEqual(
      new Map([...countries].map(([value, group]) => [value, countsOf(group, passing).visitors])),
    );
  });

  it('combines filters of several dimensions', async () => {
    const filters = [parseFilter('country', 'US')!, parseFilter('browser', '-Firefox')!];
    const report = await ofLink({ filters });
    const passing = allOfTheLink().filter(
      (click) => click.country === 'US' && click.browser !== 'Firefox',
    );
    const expected = passing.filter(inRange(report.from, report.to));
    expect(expected.length).toBeGreaterThan(10);
    expect(report.totals).toEqual(countsOf(expected, passing));
  });

  it('counts as many visitors a day as there are', async () => {
    const { rows } = await client.query<{ day: string; visitors: number }>(
      `SELECT day::text, count(*)::int AS visitors FROM visitor_days
       WHERE link_id = $1 AND day BETWEEN '2026-03-22' AND '2026-04-05' GROUP BY 1 ORDER BY 1`,
      [link],
    );
    const { series } = await ofLink();
    expect(series.map(({ start, visitors }) => ({ day: start.slice(0, 10), visitors }))).toEqual(
      rows,
    );
  });

  it.each([
    [[]],
    [['referrer', 'news.example']],
    [['referrer', '(unknown)']],
    [['language', '-de']],
    [['utm_campaign', '(unknown)']],
    [['country', 'US']],
    [['browser', '-Firefox']],
    [
      ['device', 'desktop'],
      ['country', 'US,FR'],
    ],
  ] as [Dimension, string][][])('tells the visitors of %j exactly', async (...texts) => {
    const given = texts.filter((text) => text.length === 2);
    const filters = given.map(([dimension, text]) => parseFilter(dimension, text)!);
    const passing = (click: StoredClick) =>
      filters.every((filter) => passesFilter(filter, click[filter.dimension]));
    /** On whole days, nothing has to be known of first clicks. */
    const check = (row: CountsResponse, those: StoredClick[]) => {
      const humans = those.filter(({ isBot }) => !isBot);
      const visitors = groupBy(humans, ({ at, visitor }) => `${Math.floor(at / DAY)} ${visitor}`);
      expect(row).toMatchObject({
        clicks: those.length,
        humans: humans.length,
        visitors: visitors.size,
      });
      expect(row.visitorsUnknown).toBeUndefined();
    };
    const report = await ofLink({ filters, groupBy: [...DIMENSIONS], limit: 2 });
    const response = LinkStatsResponse.from(report);
    const all = ofTheLink(report.from, report.to).filter(passing);
    check(response.totals, all);
    for (const bucket of response.series) {
      const start = Date.parse(bucket.start);
      check(
        bucket,
        all.filter(({ at }) => at >= start && at < start + DAY),
      );
    }
    for (const dimension of DIMENSIONS) {
      const rows = response.breakdown.filter((row) => row.dimension === dimension);
      const shown = new Set(rows.filter(({ other }) => !other).map(({ value }) => value));
      for (const { other, value, ...row } of rows) {
        check(
          row,
          all.filter((click) =>
            other ? !shown.has(click[dimension]) : click[dimension] === value,
          ),
        );
      }
    }
    const hours = await ofLink({ filters, interval: 'hour', timezone: 'America/St_Johns' });
    const { series } = LinkStatsResponse.from(hours);
    expect(series.filter(({ humans, visitors }) => humans > 0 && visitors === 0)).toEqual([]);
  });

  it('has every bucket of a range without clicks', async () => {
    const report = await ofLink({ from: '2020-01-01', to: '2020-12-31', groupBy: ['os'] });
    expect(report.series).toHaveLength(366);
    expect(report.totals).toEqual(countsOf([]));
    expect(report.breakdown).toEqual([]);
  });

  it('adds up the links of a workspace, and shows those that are not deleted', async () => {
    for (const timezone of ['UTC', 'Asia/Kathmandu']) {
      const report = await reports.ofWorkspace(
        USER,
        WORKSPACE,
        query({ timezone, groupBy: ['browser'], limit: 2 }),
      );
      const all = clicks.filter(inRange(report.from, report.to));
      const present = all.filter(({ linkId }) => linkId !== links[3]!.id);
      expect(report.totals).toEqual(countsOf(all, clicks));
      expect(addUp(report.breakdown)).toEqual(report.totals);
      const byLink = [...groupBy(present, ({ linkId }) => linkId)]
        .map(([linkId, group]) => ({ linkId, ...countsOf(group, clicks) }))
        .toSorted((a, b) => b.clicks - a.clicks)
        .slice(0, 2);
      expect(report.topLinks).toMatchObject(byLink);
      const sale = present.filter(({ linkId }) => linkId === links[1]!.id || linkId === link);
      expect(report.tags).toEqual([
        { tag: 'sale', ...countsOf(sale, clicks) },
        {
          tag: 'mail',
          ...countsOf(
            sale.filter(({ linkId }) => linkId === link),
            clicks,
          ),
        },
      ]);
    }
  });

  it('adds up the links of a workspace that have a tag, and pass a filter', async () => {
    const filters = [parseFilter('country', '-US')!];
    const report = await reports.ofWorkspace(USER, WORKSPACE, query({ tag: 'mail', filters }));
    const expected = ofTheLink(report.from, report.to).filter(({ country }) => country !== 'US');
    expect(report.totals).toEqual(countsOf(expected));
    expect(report.topLinks).toEqual([
      {
        linkId: link,
        code: 'code-0',
        title: 'Title of code-0',
        shortUrl: 'https://go.example/code-0',
        ...countsOf(expected),
      },
    ]);
  });

  it('agrees with the clicks themselves, whatever is asked', async () => {
    for (let n = 0; n < 300; n += 1) {
      const asked = randomQuery();
      const isOfWorkspace = random() < 0.7;
      const report = isOfWorkspace
        ? await reports.ofWorkspace(USER, WORKSPACE, asked)
        : await ofLink(asked);
      const passing = clicks
        .filter((click) => asked.filters.every((filter) => passes(filter, click[filter.dimension])))
        .filter(({ linkId }) =>
          isOfWorkspace
            ? asked.tag === undefined || tagsOf(linkId).includes(asked.tag)
            : linkId === link,
        );
      const counted = passing.filter(inRange(report.from, report.to));
      const question = JSON.stringify([isOfWorkspace, asked]);
      expect([question, report.totals]).toEqual([question, countsOf(counted, passing)]);
      const starts = report.series.map(({ start }) => Date.parse(start));
      const buckets = groupBy(counted, ({ at }) => starts.findLastIndex((start) => start <= at));
      expect([question, report.series.map(({ start: _, ...counts }) => counts)]).toEqual([
        question,
        starts.map((_, bucket) => countsOf(buckets.get(bucket) ?? [], passing)),
      ]);
      for (const dimension of asked.groupBy) {
        const values = groupBy(counted, (click) => click[dimension]);
        const rows = report.breakdown.filter((row) => row.dimension === dimension);
        expect([
          question,
          new Map(rows.map(({ value, dimension: _, other: __, ...counts }) => [value, counts])),
        ]).toEqual([
          question,
          new Map(
            [...values].map(([value, group]) => [
              value,
              countsOf(
                group,
                passing.filter((click) => click[dimension] === value),
              ),
            ]),
          ),
        ]);
      }
      if (!('topLinks' in report)) continue;
      const ofTop = links
        .filter(({ deleted }) => !deleted)
        .map(({ id }) => [id, counted.filter(({ linkId }) => linkId === id)] as const)
        .filter(([, group]) => group.length > 0);
      expect([
        question,
        new Map(
          report.topLinks.map(({ linkId, code: _, title: _title, shortUrl: _url, ...counts }) => [
            linkId,
            counts,
          ]),
        ),
      ]).toEqual([question, new Map(ofTop.map(([id, group]) => [id, countsOf(group, passing)]))]);
      const ofSale = counted.filter(({ linkId }) => tagsOf(linkId).includes('sale'));
      expect([question, report.tags.find(({ tag }) => tag === 'sale')]).toEqual([
        question,
        ofSale.length > 0 ? { tag: 'sale', ...countsOf(ofSale, passing) } : undefined,
      ]);
    }
  }, 60_000);

  it('tells the totals of many links, of all time or of a range', async () => {
    const [one, two] = [links[1]!.id, links[2]!.id];
    const unknown = randomUUID();
    const linkIds = [two, unknown, one, links[3]!.id];
    const of = (linkId: string) => clicks.filter((click) => click.linkId === linkId);
    const last = (linkId: string) => new Date(Math.max(...of(linkId).map(({ at }) => at)));
    const allTime = await reports.totals(USER, { linkIds, timezone: 'UTC' });
    expect(allTime).toEqual({
      from: null,
      to: null,
      items: [two, one].map((linkId) => ({
        linkId,
        ...countsOf(of(linkId)),
        lastClickedAt: last(linkId),
      })),
      notFound: [unknown, links[3]!.id],
    });
    const range = { from: '2026-03-25', to: '2026-03-25', timezone: 'Asia/Kathmandu' };
    const oneDay = await reports.totals(USER, { linkIds: [one], ...range });
    const expected = of(one).filter(inRange(oneDay.from!, oneDay.to!));
    expect(oneDay.items).toEqual([
      { linkId: one, ...countsOf(expected), lastClickedAt: last(one) },
    ]);
  });

  it('has totals of links that nobody has clicked', async () => {
    await client.query('DELETE FROM link_totals WHERE link_id = $1', [links[2]!.id]);
    const { items } = await reports.totals(USER, { linkIds: [links[2]!.id], timezone: 'UTC' });
    expect(items).toEqual([{ linkId: links[2]!.id, ...countsOf([]), lastClickedAt: null }]);
  });

  it('shows nobody the numbers of others', async () => {
    const problems = [
      reports.ofLink('stranger', link, query()),
      reports.ofLink(USER, randomUUID(), query()),
      reports.ofWorkspace('stranger', WORKSPACE, query()),
      reports.ofWorkspace(USER, randomUUID(), query()),
    ].map((answer) =>
      answer.then(
        () => 'no problem',
        ({ code }: ProblemError) => code,
      ),
    );
    expect(await Promise.all(problems)).toEqual([
      'link-not-found',
      'link-not-found',
      'not-found',
      'not-found',
    ]);
    const totals = await reports.totals('stranger', { linkIds: [link], timezone: 'UTC' });
    expect([totals.items, totals.notFound]).toEqual([[], [link]]);
  });

  /** Of links that are not deleted. */
  const tagsOf = (linkId: string): string[] =>
    links.find(({ id, deleted }) => id === linkId && !deleted)?.tags ?? [];

  const passes = ({ only, not }: Filter, value: string | null): boolean =>
    (only.length === 0 || only.includes(value)) && !not.includes(value);

  /** With up to three filters by values that clicks have. */
  function randomQuery(): WorkspaceStatsQuery {
    const some = <T>(items: readonly T[]): T[] => items.filter(() => random() < 0.3);
    const dimensions = some(DIMENSIONS).slice(0, pick([0, 1, 1, 2, 3]));
    const filters = dimensions.map((dimension): Filter => {
      const values = [pick(clicks)[dimension], pick(clicks)[dimension]];
      return random() < 0.6
        ? { dimension, only: values, not: [] }
        : { dimension, only: [], not: values };
    });
    const day = 20 + Math.floor(random() * 8);
    const days = pick([0, 1, 3, 8]);
    const hour = pick(['', 'T07:00:00Z', 'T18:45:00Z']);
    return query({
      from: `2026-03-${day}${hour}`,
      to: `2026-04-0${1 + days}${hour}`,
      timezone: pick(ZONES),
      interval: pick(['hour', 'day', 'day', 'week', 'month']),
      groupBy: some(DIMENSIONS),
      filters,
      tag: pick([undefined, undefined, 'sale', 'mail', 'none']),
    });
  }

  function randomClick(): ClickRecord {
    return {
      // The first link gets about half of all clicks.
      linkId: random() < 0.5 ? link : pick(links).id,
      clickedAt: Math.floor(FROM + random() * (TO - FROM)),
      address: `10.0.0.${Math.floor(random() * 30)}`,
      userAgent: pick(AGENTS),
      referrer: pick(['', 'https://news.example/a', 'https://blog.example/', 'https://t.example/']),
      language: pick(['', 'de-DE,en;q=0.5', 'fr', 'ja']),
      query: pick(['', 'utm_source=mail&utm_campaign=a,b&qr', 'utm_medium=x&utm_campaign=-c']),
      target: pick([undefined, undefined, 'rule-1', 'split-2']),
      isPrefetch: random() < 0.05,
    };
  }

  async function insertLinks(): Promise<void> {
    await client.query(`INSERT INTO workspaces (id, name, created_at) VALUES ($1, 'Ours', now())`, [
      WORKSPACE,
    ]);
    for (const { id, code, tags, deleted } of links) {
      await client.query(
        `INSERT INTO links (id, workspace_id, code, title, url, tags, deleted_at)
         VALUES ($1, $2, $3::text, 'Title of ' || $3, 'https://example.com/', $4, CASE WHEN $5 THEN now() END)`,
        [id, WORKSPACE, code, tags, deleted],
      );
    }
  }

  /** On two days very many, on all others a few. */
  function randomClicks(): ClickRecord[] {
    const busy = BUSY_DAYS.flatMap((day) =>
      Array.from({ length: 2_300 }, () => ({
        ...randomClick(),
        linkId: link,
        clickedAt: Math.floor(day + random() * DAY),
      })),
    );
    const all = [...busy, ...Array.from({ length: 3_000 }, randomClick)];
    return all
      .map((click) => ({ click, place: random() }))
      .toSorted((a, b) => a.place - b.place)
      .map(({ click }) => click);
  }

  /**
   * In batches that are in no order, as they come from several processes after an outage. Most days
   * are tidied up before their last clicks come.
   */
  async function ingest(): Promise<void> {
    const countries = { find: (address: string) => COUNTRIES[Number(address.split('.')[3]) % 5] };
    const ingestion = new TestIngestion(client, countries);
    const records = randomClicks();
    for (let start = 0; start < records.length; start += 300) {
      if (start === 6_000) await ingestion.tidyUp(TO - 2 * DAY, 10_000);
      const batch = records.slice(start, start + 300);
      const segment = {
        path: '',
        bytes: 0,
        marked: [],
        corruptLines: [],
        id: randomUUID(),
        records: batch,
      };
      await ingestion.ingester.ingest([segment]);
    }
  }

  async function storedClicks(): Promise<StoredClick[]> {
    const columns = DIMENSIONS.map((name) => `${CLICK_COLUMNS[name]} AS ${name}`).join(', ');
    const { rows } = await client.query<Omit<StoredClick, 'at'> & { at: Date }>(
      `SELECT id, link_id AS "linkId", clicked_at AS at, is_bot AS "isBot",
         is_new_visitor AS "isNewVisitor", encode(visitor, 'hex') AS visitor, ${columns} FROM clicks`,
    );
    return rows.map((row) => ({ ...row, at: row.at.getTime() }));
  }
});

const COUNTRIES = ['US', 'US', 'FR', 'DE', undefined];

/**
 * What a report must tell of clicks.
 * @param passing all clicks that pass its filters, at any time: each visitor counts with one of them
 */
function countsOf(clicks: StoredClick[], passing = clicks): ToldCounts {
  const counted = firstsOf(passing);
  const bots = clicks.filter(({ isBot }) => isBot).length;
  const humans = clicks.length - bots;
  const visitors = clicks.filter((click) => counted.has(click)).length;
  const counts = { clicks: clicks.length, humans, bots };
  return visitors === 0 && humans > 0
    ? { ...counts, visitors: null, visitorsUnknown: 'came-before' }
    : { ...counts, visitors };
}

/** Of the same list often asked for. */
const knownFirsts = new WeakMap<StoredClick[], Set<StoredClick>>();

/** Of each visitor of a link and UTC day the first click, if it is among these, else the earliest. */
function firstsOf(clicks: StoredClick[]): Set<StoredClick> {
  const known = knownFirsts.get(clicks) ?? findFirsts(clicks);
  knownFirsts.set(clicks, known);
  return known;
}

function findFirsts(clicks: StoredClick[]): Set<StoredClick> {
  const visits = groupBy(
    clicks.filter(({ isBot }) => !isBot),
    ({ linkId, at, visitor }) => `${linkId} ${Math.floor(at / DAY)} ${visitor}`,
  );
  return new Set([...visits.values()].map((those) => those.toSorted(byOrder)[0]!));
}

const byOrder = (a: StoredClick, b: StoredClick): number =>
  Number(b.isNewVisitor) - Number(a.isNewVisitor) || a.at - b.at || (a.id < b.id ? -1 : 1);

const addUp = (rows: ToldCounts[]): Counts => ({
  clicks: rows.reduce((total, row) => total + row.clicks, 0),
  humans: rows.reduce((total, row) => total + row.humans, 0),
  bots: rows.reduce((total, row) => total + row.bots, 0),
  visitors: rows.reduce((total, row) => total + (row.visitors ?? 0), 0),
});

function groupBy<Key>(
  clicks: StoredClick[],
  keyOf: (click: StoredClick) => Key,
): Map<Key, StoredClick[]> {
  const groups = new Map<Key, StoredClick[]>();
  for (const click of clicks) {
    const key = keyOf(click);
    const group = groups.get(key);
    if (group) group.push(click);
    else groups.set(key, [click]);
  }
  return groups;
}

/** By the clock on the wall, which knows nothing of the calendar under test. */
const dayIn = (timeZone: string, at: number): string =>
  new Date(at).toLocaleDateString('sv-SE', { timeZone });

interface FakeLink {
  id: string;
  code: string;
}

function fakeLinks(links: FakeLink[]): LinksService {
  const visible = (userId: string, ids: string[]) =>
    userId === USER ? links.filter(({ id }) => ids.includes(id)) : [];
  return {
    get: (userId: string, id: string) => {
      const [found] = visible(userId, [id]);
      return found ? Promise.resolve(found) : Promise.reject(new ProblemError('link-not-found'));
    },
    getMany: (userId: string, ids: string[]) => Promise.resolve(visible(userId, ids)),
    shortUrl: ({ code }: { code: string }) => `https://go.example/${code}`,
  } as unknown as LinksService;
}

const fakeWorkspaces = (): WorkspacesService =>
  ({
    require: async (userId: string, workspaceId: string) => {
      if (userId !== USER || workspaceId !== WORKSPACE) throw new ProblemError('not-found');
      return { workspaceId, role: 'viewer' };
    },
  }) as unknown as WorkspacesService;
