import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource, type QueryRunner } from 'typeorm';
import { uuidv7 } from '../../src/common/uuid.js';
import { DatabaseService } from '../../src/platform/database/database.service.js';
import { LinkPagesRepository, type SearchLimits } from '../../src/links/link-pages.repository.js';
import type { LinkFilter } from '../../src/links/links.types.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

/** So small that every way of searching is taken. */
const LIMITS: SearchLimits = {
  walk: 12,
  matches: 6,
  expectedMatches: Infinity,
  matchingMs: 5_000,
};
const LINKS = 300;

interface Row {
  id: string;
  workspaceId: string;
  title: string;
  tags: string[];
}

describe('Pages of links on PostgreSQL', () => {
  let database: TestDatabase;
  let source: DataSource;
  let pages: LinkPagesRepository;
  let rows: Row[];
  const workspaces = [uuidv7(), uuidv7(), uuidv7()];

  beforeAll(async () => {
    database = await createDatabase();
    source = await new DataSource({ type: 'postgres', url: database.url }).initialize();
    pages = new LinkPagesRepository(new DatabaseService(source));
    await source.query(
      `INSERT INTO workspaces (id, name, created_at) SELECT unnest($1::uuid[]), 'Team', now()`,
      [workspaces],
    );
    rows = Array.from({ length: LINKS }, (_, n) => rowOf(n));
    await source.query(
      `INSERT INTO links (id, workspace_id, code, url, title, search_title, tags)
       SELECT id, workspace_id, id::text, 'https://example.com/', title, title, string_to_array(tags, ',')
       FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS new (id, workspace_id, title, tags)`,
      [
        rows.map(({ id }) => id),
        rows.map(({ workspaceId }) => workspaceId),
        rows.map(({ title }) => title),
        rows.map(({ tags }) => tags.join()),
      ],
    );
  });
  afterAll(async () => {
    await source.destroy();
    await database.drop();
  });

  /** Half of the links have something common, few something rare, only old ones something old. */
  function rowOf(n: number): Row {
    const words = ['link'];
    if (n % 2 === 0) words.push('common');
    if (n % 60 === 7) words.push('rare');
    if (n < 100) words.push('old', 'q!');
    // One workspace has most of the links, and the last has none of the newer half.
    const workspaceId = workspaces[n % 5 > 1 ? 0 : n < LINKS / 2 ? 2 : 1]!;
    return { id: uuidv7(1_700_000_000_000 + n), workspaceId, title: words.join(' '), tags: words };
  }

  const cases: [string, Partial<LinkFilter>, (row: Row) => boolean][] = [
    ['everything', {}, () => true],
    ['a common text', { texts: ['common'] }, ({ title }) => title.includes('common')],
    ['a rare text', { texts: ['rare'] }, ({ title }) => title.includes('rare')],
    ['a text of old links', { texts: ['old'] }, ({ title }) => title.includes('old')],
    ['a text without a trigram', { texts: ['q!'] }, ({ title }) => title.includes('q!')],
    ['a text nobody has', { texts: ['none'] }, () => false],
    ['a common tag', { tag: 'common' }, ({ tags }) => tags.includes('common')],
    ['a rare tag', { tag: 'rare' }, ({ tags }) => tags.includes('rare')],
    ['a tag of old links', { tag: 'old' }, ({ tags }) => tags.includes('old')],
    ['a tag nobody has', { tag: 'none' }, () => false],
    [
      'a tag and a text',
      { tag: 'old', texts: ['rare'] },
      ({ tags, title }) => tags.includes('old') && title.includes('rare'),
    ],
  ];

  it.each(cases)('hold each link once, by %s, in every workspace', async (_, filter, matches) => {
    for (const chosen of [workspaces, [workspaces[0]!], [workspaces[2]!], []]) {
      const expected = rows.filter((row) => chosen.includes(row.workspaceId) && matches(row));
      for (const limit of [1, 7, 40]) {
        expect(await follow(chosen, { ...filter, limit })).toEqual(
          expected.map(({ id }) => id).toReversed(),
        );
      }
    }
  });

  /** All ids, page by page, until there are no more. */
  async function follow(chosen: string[], filter: LinkFilter): Promise<string[]> {
    const seen: string[] = [];
    let beforeId: string | undefined;
    for (let page = 0; page <= LINKS; page += 1) {
      const { ids, searchedTo } = await pages.find(chosen, { ...filter, beforeId }, LIMITS);
      expect(ids.length).toBeLessThanOrEqual(filter.limit);
      seen.push(...ids);
      beforeId = ids.length === filter.limit ? ids.at(-1)! : searchedTo;
      if (beforeId === undefined) return seen;
    }
    throw new Error('the pages do not end');
  }

  it('of what no index tells end after a bounded search, to be continued', async () => {
    const { ids, searchedTo } = await pages.find(
      [workspaces[0]!],
      { limit: 5, texts: ['q!'] },
      LIMITS,
    );
    const ofWorkspace = rows.filter(({ workspaceId }) => workspaceId === workspaces[0]);
    expect(ids).toEqual([]);
    expect(searchedTo).toBe(ofWorkspace.at(-LIMITS.walk)!.id);
  });

  it('of many old links end with the walk if the index is expected to give too many', async () => {
    await source.query('ANALYZE links');
    const find = (expectedMatches: number) =>
      pages.find(
        workspaces,
        { limit: 5, tag: 'old' },
        { ...LIMITS, matches: LINKS, expectedMatches },
      );
    const newestOld = rows.filter(({ tags }) => tags.includes('old')).toReversed();
    expect(await find(LINKS)).toEqual({ ids: newestOld.slice(0, 5).map(({ id }) => id) });
    expect(await find(10)).toEqual({ ids: [], searchedTo: expect.any(String) });
  });

  it('end with the walk if the index takes too long', async () => {
    await source.query(
      `INSERT INTO links (id, workspace_id, code, url, title, search_title)
       SELECT gen_random_uuid(), $1, n::text, 'https://example.com/', 'red and blue', 'red and blue'
       FROM generate_series(1, 20000) AS n`,
      [workspaces[1]],
    );
    // Each of them has both words: each is read, and none has them side by side.
    const find = (matchingMs: number) =>
      pages.find([workspaces[1]!], { limit: 5, texts: ['red blue'] }, { ...LIMITS, matchingMs });
    try {
      expect(await find(60_000)).toEqual({ ids: [] });
      expect(await find(1)).toEqual({ ids: [], searchedTo: expect.any(String) });
    } finally {
      await source.query(`DELETE FROM links WHERE title = 'red and blue'`);
    }
  });

  describe('are found by an index', () => {
    let runner: QueryRunner;
    beforeAll(async () => {
      await source.query('VACUUM ANALYZE links');
    });

    /** The plans of all that is asked, if nothing is ever found. */
    async function plansOf(filter: Partial<LinkFilter>): Promise<string[]> {
      const plans: string[] = [];
      const query = async (sql: string, parameters: unknown[]): Promise<object[]> => {
        if (/set_config|^EXPLAIN/.test(sql)) return runner.query(sql, parameters);
        plans.push(JSON.stringify(await runner.query(`EXPLAIN ${sql}`, parameters)));
        return sql.includes('searched_to') ? [{ ids: [], searched_to: rows[0]!.id }] : [];
      };
      // What is set for one statement is not for the next one.
      const transaction = async (work: () => Promise<unknown>) => {
        await runner.query('SAVEPOINT statement');
        const result = await work();
        await runner.query('ROLLBACK TO SAVEPOINT statement');
        return result;
      };
      const explaining = { query, transaction } as unknown as DatabaseService;
      await new LinkPagesRepository(explaining).find(workspaces, { limit: 5, ...filter });
      return plans;
    }

    it.each([
      ['a text', { texts: ['common'] }, 'links_search_idx'],
      ['a tag', { tag: 'common' }, 'links_tags_idx'],
    ])('whether %s is common or rare', async (_, filter, index) => {
      runner = source.createQueryRunner();
      await runner.startTransaction();
      try {
        const [walk] = await plansOf(filter);
        expectPageOrder(walk);
        // Of the three indexes that begin with the workspace this is the one that is meant.
        for (const other of ['links_search_idx', 'links_tags_idx', 'links_workspace_id_idx']) {
          if (other !== index) await runner.query(`DROP INDEX ${other}`);
        }
        const [, alone] = await plansOf(filter);
        expect(alone).toContain(index);
        expect(alone).not.toMatch(/Filter: \(\(?(tags|lower)/);
      } finally {
        await runner.rollbackTransaction();
        await runner.release();
      }
    });

    it('in the order of the page, also where nearly all links are of another workspace', async () => {
      runner = source.createQueryRunner();
      await runner.startTransaction();
      try {
        await runner.query('UPDATE links SET workspace_id = $1 WHERE workspace_id = $2', [
          workspaces[0],
          workspaces[1],
        ]);
        await runner.query('ANALYZE links');
        expectPageOrder((await plansOf({}))[0]);
        expectPageOrder((await plansOf({ texts: ['common'] }))[0]);
      } finally {
        await runner.rollbackTransaction();
        await runner.release();
      }
    });

    function expectPageOrder(plan: string | undefined): void {
      expect(plan).toContain('links_workspace_id_idx');
      expect(plan).not.toMatch(/links_pkey|Seq Scan|Bitmap/);
    }
  });
});
