import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { Ingester } from '../../src/analytics/ingestion/ingester.js';
import type { Segment } from '../../src/analytics/ingestion/spool-reader.js';
import type { ClickRecord, Mark } from '../../src/analytics/common/spool-format.js';
import { uuidv7 } from '../../src/common/uuid.js';
import { BROWSER } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { TestIngestion } from '../support/ingestion.js';

const NOON = Date.UTC(2026, 10, 23, 12);
const [GOOD, BAD] = [uuidv7(), uuidv7()];
const LONG_MS = 60_000;

/** One in seven is of a link that is refused, or tells a campaign that is. */
const records = (length: number): ClickRecord[] =>
  Array.from({ length }, (_, n) => ({
    clickedAt: NOON + n * 1_000,
    linkId: n % 7 === 3 ? BAD : GOOD,
    address: `203.0.113.${n % 200}`,
    userAgent: BROWSER,
    referrer: '',
    language: 'de',
    query: `utm_source=mail&utm_campaign=${n % 7 === 3 ? 'bad' : 'good'}-${n}`,
    isPrefetch: false,
  }));

const segmentOf = (those: ClickRecord[]): Segment => ({
  id: uuidv7(),
  path: '',
  bytes: 0,
  records: those,
  marked: [],
  corruptLines: [],
});

const raising = (table: string, condition: string, deferred = false) => `
  CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF ${condition} THEN RAISE EXCEPTION 'not this one'; END IF; RETURN NEW; END $$;
  CREATE ${deferred ? 'CONSTRAINT' : ''} TRIGGER refuse AFTER INSERT ON ${table}
    ${deferred ? 'DEFERRABLE INITIALLY DEFERRED' : ''} FOR EACH ROW EXECUTE FUNCTION refuse()`;

describe(`${Ingester.name}, of a segment that the database refuses`, () => {
  let database: TestDatabase;
  let client: pg.Client;
  let ingester: Ingester;

  beforeEach(async () => {
    database = await createDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    ingester = new TestIngestion(client).ingester;
  });
  afterEach(async () => {
    await client.end();
    await database.drop();
  });

  const campaigns = async (): Promise<string[]> =>
    (await client.query('SELECT utm_campaign AS name FROM clicks ORDER BY clicked_at')).rows.map(
      ({ name }) => name as string,
    );
  async function sift(segment: Segment, withinMs = LONG_MS) {
    const marked = new Map<number, Mark>();
    const added = await ingester.sift(segment, withinMs, async (marks) => {
      for (const [index, mark] of marks) marked.set(index, mark);
    });
    return { added, marked };
  }

  it.each([
    ['a check of links', `ALTER TABLE clicks ADD CHECK (link_id <> '${BAD}')`],
    ['a check of values', `ALTER TABLE clicks ADD CHECK (utm_campaign NOT LIKE 'bad%')`],
    ['a domain of values', `ALTER TABLE clicks ALTER utm_campaign TYPE varchar(7)`],
    ['a trigger', raising('link_totals', `NEW.link_id = '${BAD}'`)],
    ['a trigger at the commit', raising('link_totals', `NEW.link_id = '${BAD}'`, true)],
    ['a check of visitors', `ALTER TABLE visitor_days ADD CHECK (link_id <> '${BAD}')`],
    ['a check of totals', `ALTER TABLE link_totals ADD CHECK (link_id <> '${BAD}')`],
    ['a check of days', `ALTER TABLE link_days ADD CHECK (link_id <> '${BAD}')`],
  ])('because of %s, stores all other clicks, and tells which not', async (_, cause) => {
    await client.query(cause);
    const made = records(100);
    // The value that does not fit any more is longer than all others.
    if (cause.includes('varchar')) {
      for (const [n, record] of made.entries())
        record.query = `utm_campaign=${record.linkId === BAD ? 'far-too-long' : n}`;
    }
    const segment = segmentOf(made);
    await expect(ingester.ingest([segment])).rejects.toThrow();
    const { added, marked } = await sift(segment);
    const bad = made.flatMap(({ linkId }, n) => (linkId === BAD ? [n] : []));
    expect([...marked.keys()].toSorted((a, b) => a - b)).toEqual(bad);
    expect(new Set(marked.values())).toEqual(new Set(['refused']));
    expect(added).toBe(100 - bad.length);
    expect(await campaigns()).toHaveLength(100 - bad.length);
    const { rows } = await client.query(
      'SELECT clicks::int, visitors::int FROM link_totals ORDER BY link_id',
    );
    expect(rows).toEqual([{ clicks: added, visitors: added }]);
    // Whoever comes again with it, as after a crash, adds nothing.
    expect((await sift(segment)).added).toBe(0);
    expect(await ingester.ingest([segment])).toBe(0);
  });

  it('comes to an end in time when it refuses every click, and others are stored', async () => {
    await client.query(`ALTER TABLE clicks ADD CHECK (utm_campaign NOT LIKE 'bad%')`);
    const made = records(20_000).map((record, n) => ({
      ...record,
      query: `utm_campaign=bad-${n}`,
    }));
    const { added, marked } = await sift(segmentOf(made), 300);
    expect(added).toBe(0);
    expect(marked.size).toBe(20_000);
    expect(new Set(marked.values())).toEqual(new Set(['refused', 'undecided']));
    expect(await ingester.ingest([segmentOf(records(7).slice(0, 3))])).toBe(3);
  });

  it('stores nothing at all if the marks cannot be kept', async () => {
    await client.query(`ALTER TABLE clicks ADD CHECK (link_id <> '${BAD}')`);
    const segment = segmentOf(records(20));
    const failed = ingester.sift(segment, LONG_MS, () => Promise.reject(new Error('disk full')));
    await expect(failed).rejects.toThrow('disk full');
    expect(await campaigns()).toEqual([]);
    expect((await sift(segment)).added).toBe(17);
  });

  it('of two copies in one transaction, stores one', async () => {
    const segment = segmentOf(records(3));
    expect(await ingester.ingest([segment, { ...segment, path: randomUUID() }])).toBe(3);
    expect(await campaigns()).toHaveLength(3);
  });
});
