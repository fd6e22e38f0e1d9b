import { setTimeout as sleep } from 'node:timers/promises';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { LinksConfig } from '../../config/links.config.js';
import { Clock } from '../../src/common/clock.js';
import { uuidv7 } from '../../src/common/uuid.js';
import { connectionTarget, DatabaseConnection } from '../../src/platform/database/connection.js';
import type { DatabaseStatus } from '../../src/platform/database/database-status.js';
import type { HostsService } from '../../src/domains/hosts.service.js';
import { LinkChangesListener } from '../../src/redirect/link-changes.listener.js';
import { LinkResolverService } from '../../src/redirect/link-resolver.service.js';
import { LookupBatcher } from '../../src/redirect/lookup-batcher.js';
import { RedirectTargetsRepository } from '../../src/redirect/redirect-targets.repository.js';
import { VisitorCountries } from '../../src/redirect/visitor-countries.js';
import { eventually } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { addLink } from '../support/rows.js';

const settings = { connectionTimeoutMs: 1_000, statementTimeoutMs: 10_000 };

/** What one process has of this. */
class Process {
  readonly clock = new ShiftedClock();
  readonly listener: LinkChangesListener;
  readonly resolver: LinkResolverService;
  /** How often it was told that domains have changed. */
  reloads = 0;
  private readonly targets: RedirectTargetsRepository;

  constructor(url: string) {
    const connection = new DatabaseConnection(connectionTarget({ url, ...settings }), false);
    const status = { whenReady: () => Promise.resolve() } as DatabaseStatus;
    this.listener = new LinkChangesListener(connection, status, this.clock, {
      reload: () => (this.reloads += 1),
    } as unknown as HostsService);
    this.targets = new RedirectTargetsRepository(connection, new VisitorCountries({}));
    this.resolver = new LinkResolverService(
      { cacheSize: 1_000 } as LinksConfig,
      new LookupBatcher(this.targets),
      this.listener,
      this.clock,
    );
  }

  async start(): Promise<this> {
    this.listener.onApplicationBootstrap();
    await eventually(async () => this.isListening, Boolean, 5_000);
    return this;
  }

  async stop(): Promise<void> {
    await this.listener.onApplicationShutdown();
    await this.targets.onApplicationShutdown();
  }

  get isListening(): boolean {
    return this.listener.connectedAt !== Infinity;
  }
}

/** The time, moved forward by the test: nothing heard for a while, without the while. */
class ShiftedClock extends Clock {
  shift = 0;

  override now(): number {
    return Date.now() + this.shift;
  }
}

describe('Changes of links', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  let processes: Process[];
  let id: string;
  const code = 'kept-in-memory';

  beforeAll(() => Logger.overrideLogger(false));
  beforeEach(async () => {
    database = await createDatabase();
    pool = new pg.Pool({ connectionString: database.url });
    id = await addLink(pool, { code, url: 'https://old.example/' });
    processes = [await new Process(database.url).start(), await new Process(database.url).start()];
    for (const { resolver } of processes) await resolver.resolve(code);
  });
  afterEach(async () => {
    for (const process of processes) await process.stop();
    await pool.end();
    await database.drop();
  });

  const setUrl = (url: string) => pool.query('UPDATE links SET url = $2 WHERE id = $1', [id, url]);
  const peeked = async () => processes.map(({ resolver }) => resolver.peek(code)?.url);
  const resolved = () =>
    Promise.all(processes.map(async ({ resolver }) => (await resolver.resolve(code))?.url));
  const endListeners = () =>
    pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'signpost-listen' AND datname = current_database()`,
    );
  const areAll = (url: string) => (urls: unknown[]) => urls.every((each) => each === url);

  it('are heard by every process within a second', async () => {
    expect(await peeked()).toEqual(['https://old.example/', 'https://old.example/']);
    await setUrl('https://new.example/');
    const urls = await eventually(resolved, areAll('https://new.example/'), 1_000);
    expect(urls).toEqual(['https://new.example/', 'https://new.example/']);
  });

  it('on a further host are heard by it, and make nobody forget the same code elsewhere', async () => {
    const domain = 'go.brand.example';
    const there = await addLink(pool, { code, domain, url: 'https://old.example/' });
    const asked = () =>
      Promise.all(
        processes.map(async ({ resolver }) => (await resolver.resolve(`${domain} ${code}`))?.url),
      );
    expect(await asked()).toEqual(['https://old.example/', 'https://old.example/']);
    await pool.query(`UPDATE links SET url = 'https://new.example/' WHERE id = $1`, [there]);
    const urls = await eventually(asked, areAll('https://new.example/'), 1_000);
    expect(urls).toEqual(['https://new.example/', 'https://new.example/']);
    expect(await peeked()).toEqual(['https://old.example/', 'https://old.example/']);
  });

  it('of domains are heard, but for those that nobody has proved', async () => {
    const before = processes.map(({ reloads }) => reloads);
    const grown = async () => processes.map(({ reloads }, n) => reloads - before[n]!);
    const claim = uuidv7();
    await pool.query(
      `INSERT INTO domains (id, workspace_id, host, token, created_at)
       SELECT $1, workspace_id, 'go.brand.example', '', now() FROM links WHERE id = $2`,
      [claim, id],
    );
    await addLink(pool, { domain: 'go.proved.example' });
    expect(await eventually(grown, (all) => all.every((one) => one > 0))).toEqual([1, 1]);
    await pool.query('UPDATE domains SET verified_at = now() WHERE id = $1', [claim]);
    expect(await eventually(grown, (all) => all.every((one) => one > 1))).toEqual([2, 2]);
  });

  it('are heard when they commit, and not if they never do', async () => {
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query(`UPDATE links SET url = 'https://new.example/' WHERE id = $1`, [id]);
    await sleep(200);
    expect(await peeked()).toEqual(['https://old.example/', 'https://old.example/']);
    await client.query('COMMIT');
    client.release();
    await eventually(resolved, areAll('https://new.example/'), 1_000);
    expect(await resolved()).toEqual(['https://new.example/', 'https://new.example/']);
  });

  it('of hundreds of links at once are heard, too', async () => {
    for (let n = 0; n < 150; n += 1) await addLink(pool, { code: `bulk-${n}` });
    for (const { resolver } of processes) await resolver.resolve('bulk-149');
    await sleep(100);
    await pool.query(`UPDATE links SET url = 'https://bulk.example/' WHERE code LIKE 'bulk-%'`);
    const isNew = async () => (await processes[1]!.resolver.resolve('bulk-149'))?.url;
    expect(await eventually(isNew, (url) => url === 'https://bulk.example/', 1_000)).toBe(
      'https://bulk.example/',
    );
  });

  it('to a host that is blocked, and to one that is not any more, are heard, too', async () => {
    const withheld = () =>
      Promise.all(
        processes.map(async ({ resolver }) => (await resolver.resolve(code))?.withheld ?? 'no'),
      );
    await pool.query(
      `INSERT INTO blocked_hosts (id, host, reason, created_by, created_at)
       VALUES (gen_random_uuid(), 'old.example', 'Malware', gen_random_uuid(), now())`,
    );
    await eventually(withheld, areAll('blocked'), 1_000);
    expect(await withheld()).toEqual(['blocked', 'blocked']);
    await pool.query('DELETE FROM blocked_hosts');
    await eventually(withheld, areAll('no'), 1_000);
    expect(await withheld()).toEqual(['no', 'no']);
  });

  it('of which the creator has lost all are heard, too', async () => {
    const user = `'${uuidv7()}'`;
    await pool.query(
      `INSERT INTO users (id, email, password_hash, role, created_at)
       VALUES (${user}, 'mallory@example.com', '', 'member', now())`,
    );
    await pool.query(`UPDATE links SET created_by = ${user}`);
    const withheld = () =>
      Promise.all(
        processes.map(async ({ resolver }) => (await resolver.resolve(code))?.withheld ?? 'no'),
      );
    await sleep(100);
    expect(await withheld()).toEqual(['no', 'no']);
    await pool.query('UPDATE users SET links_disabled_at = now()');
    await eventually(withheld, areAll('disabled'), 1_000);
    expect(await withheld()).toEqual(['disabled', 'disabled']);
  });

  it('tell of a code that did not exist, and of a link that is gone for good', async () => {
    for (const { resolver } of processes) expect(await resolver.resolve('later')).toBeNull();
    const later = await addLink(pool, { code: 'later' });
    const find = () => processes[0]!.resolver.resolve('later');
    expect((await eventually(find, (target) => target !== null, 1_000))?.linkId).toBe(later);
    await pool.query('DELETE FROM links WHERE id = $1', [later]);
    expect(await eventually(find, (target) => target === null, 1_000)).toBeNull();
  });

  it('are heard again after the connection was lost', async () => {
    await endListeners();
    await eventually(
      async () => processes.some(({ isListening }) => isListening),
      (is) => !is,
    );
    await eventually(async () => processes.every(({ isListening }) => isListening), Boolean, 5_000);
    await resolved();
    await setUrl('https://new.example/');
    const urls = await eventually(resolved, areAll('https://new.example/'), 1_000);
    expect(urls).toEqual(['https://new.example/', 'https://new.example/']);
  });

  it('that went unheard while the connection was lost are seen within 15 seconds', async () => {
    await endListeners();
    await setUrl('https://new.example/');
    await eventually(async () => processes.every(({ isListening }) => isListening), Boolean, 5_000);
    for (const { clock } of processes) clock.shift = 15_000;
    expect(await resolved()).toEqual(['https://new.example/', 'https://new.example/']);
  });

  it('keep memory good for as long as they would be heard', async () => {
    for (const { clock } of processes) clock.shift = 3_600_000;
    await eventually(peeked, areAll('https://old.example/'), 4_000);
    expect(await peeked()).toEqual(['https://old.example/', 'https://old.example/']);
  });
});

describe(LinkChangesListener.name, () => {
  it('stops at once although the database it connects to is silent', async () => {
    const mute = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as AddressInfo;
    const process = new Process(`postgres://x@127.0.0.1:${port}/x`);
    process.listener.onApplicationBootstrap();
    await sleep(200);
    const startedAt = performance.now();
    await process.stop();
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    mute.close();
  });
});
