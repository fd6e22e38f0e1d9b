import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { uuidv7 } from '../../src/common/uuid.js';
import { connectionTarget, DatabaseConnection } from '../../src/platform/database/connection.js';
import { ClickBudgetService } from '../../src/redirect/click-budget.service.js';
import { RedirectTargetsRepository } from '../../src/redirect/redirect-targets.repository.js';
import { VisitorCountries } from '../../src/redirect/visitor-countries.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { addLink } from '../support/rows.js';

const settings = { connectionTimeoutMs: 2_000, statementTimeoutMs: 10_000 };

describe(RedirectTargetsRepository.name, () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  let processes: RedirectTargetsRepository[];

  beforeAll(async () => {
    database = await createDatabase();
    pool = new pg.Pool({ connectionString: database.url });
    const connection = new DatabaseConnection(
      connectionTarget({ url: database.url, ...settings }),
      false,
    );
    processes = [1, 2].map(
      () => new RedirectTargetsRepository(connection, new VisitorCountries({})),
    );
  });
  afterAll(async () => {
    for (const repository of processes) await repository.onApplicationShutdown();
    await pool.end();
    await database.drop();
  });

  const targetOf = async (code: string) => (await processes[0]!.findTargets([code])).get(code);
  const spentOf = async (id: string) => {
    const { rows } = await pool.query<{ spent: number }>(
      'SELECT spent FROM link_spending WHERE link_id = $1',
      [id],
    );
    return rows.map(({ spent }) => spent);
  };

  it('finds all that a redirect must know, deleted links included', async () => {
    const id = await addLink(pool, {
      code: 'full',
      url: 'https://example.com/%C3%BC',
      redirect_status: 308,
      starts_at: '2030-01-01T00:00:00.123Z',
      expires_at: '2031-01-01T00:00:00Z',
      max_clicks: 7,
    });
    await addLink(pool, { code: 'gone', deleted_at: '2020-01-01T00:00:00Z' });
    expect(await targetOf('full')).toEqual({
      linkId: id,
      url: 'https://example.com/%C3%BC',
      status: 308,
      startsAt: Date.UTC(2030, 0) + 123,
      expiresAt: Date.UTC(2031, 0),
      maxClicks: 7,
      withheld: null,
    });
    expect(await targetOf('gone')).toMatchObject({ withheld: 'deleted', maxClicks: null });
  });

  it('finds links that are disabled, for themselves or with all links of their creator', async () => {
    await addLink(pool, { code: 'taken-down', disabled_at: '2026-01-01T00:00:00Z' });
    const userId = uuidv7();
    await pool.query(
      `INSERT INTO users (id, email, password_hash, role, created_at)
       VALUES ($1, 'mallory@example.com', '', 'member', now())`,
      [userId],
    );
    await addLink(pool, { code: 'of-mallory', created_by: userId });
    expect(await targetOf('taken-down')).toMatchObject({ withheld: 'disabled' });
    // Who may not act any more has not necessarily made harmful links.
    await pool.query('UPDATE users SET disabled_at = now() WHERE id = $1', [userId]);
    expect(await targetOf('of-mallory')).toMatchObject({ withheld: null });
    await pool.query('UPDATE users SET links_disabled_at = now() WHERE id = $1', [userId]);
    expect(await targetOf('of-mallory')).toMatchObject({ withheld: 'disabled' });
  });

  it.each([
    ['https://evil.example/', 'blocked'],
    ['http://evil.example:8080/x?y#z', 'blocked'],
    ['https://evil.example./', 'blocked'],
    ['https://a.b.evil.example/', 'blocked'],
    [`https://${'a.'.repeat(120)}evil.example/`, 'blocked'],
    ['https://xn--bcher-kva.example/', 'blocked'],
    ['http://192.0.2.7/', 'blocked'],
    ['http://[2001:db8::7]:8080/', 'blocked'],
    ['https://notevil.example/', null],
    ['https://evil.example.com/', null],
    ['https://example/', null],
    ['https://example.com/https://evil.example/', null],
    ['https://example.com/?to=evil.example', null],
    ['http://1.192.0.2.example/', null],
    ['http://[2001:db8::8]/', null],
  ])('finds of %s that it is %s', async (url, withheld) => {
    for (const host of ['evil.example', 'xn--bcher-kva.example', '192.0.2.7', '[2001:db8::7]']) {
      await pool.query(
        `INSERT INTO blocked_hosts (id, host, reason, created_by, created_at)
         VALUES ($1, $2, 'Malware', $1, now()) ON CONFLICT (host) DO NOTHING`,
        [uuidv7(), host],
      );
    }
    const code = uuidv7();
    await addLink(pool, { code, url });
    expect(await targetOf(code)).toMatchObject({ url, withheld });
  });

  it('finds exactly the codes that exist, in this case of letters and on this domain', async () => {
    await addLink(pool, { code: 'Case' });
    await addLink(pool, { code: 'elsewhere', domain: 'other.example' });
    await addLink(pool, { code: 'Case', domain: 'another.example' });
    const keys = ['case', 'Case', 'elsewhere', "' OR true --", '__proto__', 'Case'];
    const elsewhere = ['other.example elsewhere', 'other.example Case', 'another.example Case'];
    const found = await processes[0]!.findTargets([...keys, ...elsewhere]);
    expect([...found.keys()].toSorted()).toEqual([
      'Case',
      'another.example Case',
      'other.example elsewhere',
    ]);
  });

  it('spends exactly what the limit allows, asked by 200 at once through two processes', async () => {
    const id = await addLink(pool, { max_clicks: 100 });
    const granted = await Promise.all(
      Array.from({ length: 200 }, (_, n) => processes[n % 2]!.spendClicks(id, 1)),
    );
    expect(granted.reduce((sum, number) => sum + number, 0)).toBe(100);
    expect(await spentOf(id)).toEqual([100]);
  });

  it('spends exactly what the limit allows on 50 connections at once', async () => {
    const id = await addLink(pool, { max_clicks: 120 });
    const connection = new DatabaseConnection(
      connectionTarget({ url: database.url, ...settings }),
      false,
    );
    const many = Array.from(
      { length: 25 },
      () => new RedirectTargetsRepository(connection, new VisitorCountries({})),
    );
    const granted = await Promise.all(
      many.flatMap((repository) => [repository.spendClicks(id, 3), repository.spendClicks(id, 4)]),
    );
    expect(granted.reduce((sum, number) => sum + number, 0)).toBe(120);
    expect(await spentOf(id)).toEqual([120]);
    for (const repository of many) await repository.onApplicationShutdown();
  });

  it('grants what is left, and more once the limit is raised', async () => {
    const id = await addLink(pool, { max_clicks: 3 });
    expect(await processes[0]!.spendClicks(id, 2)).toBe(2);
    expect(await processes[1]!.spendClicks(id, 5)).toBe(1);
    expect(await processes[0]!.spendClicks(id, 5)).toBe(0);
    await pool.query('UPDATE links SET max_clicks = 5 WHERE id = $1', [id]);
    expect(await processes[0]!.spendClicks(id, 5)).toBe(2);
    await pool.query('UPDATE links SET max_clicks = 1 WHERE id = $1', [id]);
    expect(await processes[0]!.spendClicks(id, 5)).toBe(0);
  });

  it('refuses nobody on account of a limit that was lifted a moment ago', async () => {
    const id = await addLink(pool, { max_clicks: 10 });
    await processes[0]!.spendClicks(id, 3);
    await pool.query('UPDATE links SET max_clicks = NULL WHERE id = $1', [id]);
    expect(await processes[0]!.spendClicks(id, 20)).toBe(20);
  });

  it('grants nothing for a link that is not there any more', async () => {
    expect(await processes[0]!.spendClicks(uuidv7(), 5)).toBe(0);
  });

  it('lets ten of a thousand visitors of two processes through', async () => {
    await addLink(pool, { code: 'ten', max_clicks: 10 });
    const budgets = processes.map((repository) => new ClickBudgetService(repository));
    const targets = await Promise.all(
      processes.map(async (repository) => (await repository.findTargets(['ten'])).get('ten')!),
    );
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, n) => budgets[n % 2]!.spend(targets[n % 2]!)),
    );
    expect(answers.filter(Boolean)).toHaveLength(10);
    expect(targets.map(({ spent }) => spent)).toEqual([true, true]);
  });

  it('gives up within half a second when the database does not answer, and works again', async () => {
    const id = await addLink(pool, { max_clicks: 10 });
    const blocker = await pool.connect();
    await blocker.query('BEGIN; LOCK TABLE links, link_spending IN ACCESS EXCLUSIVE MODE');
    const startedAt = performance.now();
    await expect(processes[0]!.findTargets(['full'])).rejects.toThrow(/timeout/);
    await expect(processes[1]!.spendClicks(id, 1)).rejects.toThrow(/timeout/);
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    await blocker.query('ROLLBACK');
    blocker.release();
    expect(await processes[1]!.spendClicks(id, 1)).toBe(1);
  });
});
