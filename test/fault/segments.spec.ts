import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { eventually, TestUser } from '../support/api.js';
import {
  expectEachOnce,
  query,
  segmentsOf,
  storedMarkers,
  untilDrained,
} from '../support/exactly-once.js';
import { Load } from '../support/load.js';
import { metric } from '../support/metrics.js';
import { startServer, type TestServer } from '../support/server.js';
import { uuidv7 } from '../../src/common/uuid.js';

const MARKER = /utm_campaign=([\w-]+)/;

describe('A segment', () => {
  let server: TestServer;
  let user: TestUser;
  let linkId: string;
  let load: Load;
  let blocker: pg.Client;

  beforeEach(async () => {
    server = await startServer({ env: { SPOOL_SEGMENT_MAX_AGE_MS: '200' } });
    user = await TestUser.register(server.url);
    const link = await user.shorten();
    linkId = link['id'];
    blocker = new pg.Client({ connectionString: server.databaseUrl });
    await blocker.connect();
    load = new Load(server.url, link['code']);
    await load.redirects(50);
  }, 60_000);
  afterEach(async () => {
    await load.stop();
    await blocker.end();
    await server.remove();
  });

  const spool = () => join(server.dataDir, 'spool');
  const sealed = () => segmentsOf(server).filter((file) => file.endsWith('.sealed'));
  const linesOf = (file: string) => readFileSync(join(spool(), file), 'utf8').trimEnd().split('\n');
  const totals = async () => {
    const [{ count } = { count: 0 }] = await query<{ count: number }>(
      server,
      'SELECT count(*)::int AS count FROM clicks WHERE link_id = $1',
      [linkId],
    );
    return [count, (await user.totals(linkId, count))['clicks']];
  };

  /** Nothing is stored until `blocker` ends its transaction; waits for so many sealed segments. */
  async function pileUp(segments: number): Promise<void> {
    await blocker.query('BEGIN');
    await blocker.query('LOCK TABLE clicks IN SHARE MODE');
    const found = () => Promise.resolve(sealed());
    await eventually(found, ({ length }) => length >= segments, 20_000);
    await load.stop();
  }

  it('that comes back after it was stored, as from a backup, adds nothing', async () => {
    await pileUp(4);
    const copy = mkdtempSync(join(tmpdir(), 'signpost-copies-'));
    const names = sealed();
    for (const name of names) cpSync(join(spool(), name), join(copy, name));
    await blocker.query('ROLLBACK');
    await expectEachOnce(server, load);
    const before = await totals();

    cpSync(copy, spool(), { recursive: true });
    rmSync(copy, { recursive: true });
    expect(names.length).toBeGreaterThanOrEqual(4);
    await expectEachOnce(server, load);
    expect(await totals()).toEqual(before);
  }, 60_000);

  it('whose process is killed between the commit and the deletion is stored once', async () => {
    // A commit that waits until it is let through.
    await blocker.query(
      `CREATE FUNCTION wait_for_test() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NULL; END $$;
       CREATE CONSTRAINT TRIGGER wait_for_test AFTER INSERT ON ingested_segments
         DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_for_test();
       SELECT pg_advisory_lock(1)`,
    );
    const committing = () =>
      query(
        server,
        `SELECT FROM pg_stat_activity
         WHERE application_name = 'signpost-ingest' AND wait_event = 'advisory'`,
      );
    await load.redirects(100);
    expect(await eventually(committing, ({ length }) => length === 1, 20_000)).toHaveLength(1);
    await server.kill();
    await load.stop();
    await blocker.query('SELECT pg_advisory_unlock(1)');
    // PostgreSQL finishes what it was told, although nobody waits for the answer any more.
    const stored = () => storedMarkers(server, [load]);
    const inFiles = sealed().flatMap((file) => linesOf(file).map((line) => MARKER.exec(line)?.[1]));
    const both = (markers: Map<string, number>) =>
      inFiles.filter((marker) => marker !== undefined && markers.has(marker)).length;
    expect(both(await eventually(stored, (markers) => both(markers) > 0, 10_000))).toBeGreaterThan(
      0,
    );
    await server.start();
    await expectEachOnce(server, load);
    const [count, reported] = await totals();
    expect(reported).toBe(count);
  }, 60_000);

  it('that is damaged loses what is damaged, and holds up nothing', async () => {
    await pileUp(5);
    await server.kill();
    await blocker.query('ROLLBACK');
    const long = sealed().filter((file) => linesOf(file).length >= 3);
    const [torn, flipped] = long as [string, string];
    const tornLines = linesOf(torn);
    const end = tornLines.at(-1)!;
    const half = end.slice(0, end.length / 2);
    writeFileSync(join(spool(), torn), [...tornLines.slice(0, -1), half].join('\n'));
    const flippedLines = linesOf(flipped);
    const damaged = `${flippedLines[1]!.slice(0, 30)}~${flippedLines[1]!.slice(31)}`;
    writeFileSync(join(spool(), flipped), `${flippedLines.with(1, damaged).join('\n')}\n`);
    const writer = join(spool(), dirname(torn));
    writeFileSync(join(writer, `${uuidv7()}.sealed`), '');
    writeFileSync(join(writer, 'notes.txt'), 'not a segment');
    mkdirSync(join(spool(), 'lost+found'));

    await server.start();
    await untilDrained(server);
    const lost = [end, flippedLines[1]!].map((line) => MARKER.exec(line)![1]!);
    const stored = await storedMarkers(server, [load]);
    const missing = [...load.answered].filter((marker) => !stored.has(marker));
    expect(missing.toSorted()).toEqual(
      lost.filter((marker) => load.answered.has(marker)).toSorted(),
    );
    expect([...stored].filter(([, count]) => count > 1)).toEqual([]);
    expect(await metric(server.url, 'signpost_corrupt_records_total')).toBe(2);
    expect(await metric(server.url, 'signpost_foreign_files_total')).toBe(1);
    expect(server.log).toContain('damaged click records were put in quarantine');
    const aside = readdirSync(join(spool(), 'quarantine'));
    const text = aside.map((name) => readFileSync(join(spool(), 'quarantine', name), 'utf8'));
    expect(text.toSorted()).toEqual(['not a segment', `${damaged}\n`, `${half}\n`].toSorted());
  }, 60_000);
});
