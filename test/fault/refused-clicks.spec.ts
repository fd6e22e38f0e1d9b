import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually, health, TestUser } from '../support/api.js';
import { cleanEnvironment, signpost } from '../support/environment.js';
import { expectEachOnce, query, storedMarkers, untilDrained } from '../support/exactly-once.js';
import { report } from '../support/fault-runs.js';
import { Load } from '../support/load.js';
import { metric } from '../support/metrics.js';
import { startServer, type TestServer } from '../support/server.js';

const run = promisify(execFile);
const BACK_WITHIN_MS = 20_000;

describe('When PostgreSQL refuses the clicks of one link', () => {
  let server: TestServer;
  let user: TestUser;
  let refused: Load;
  let others: Load;
  let linkIds: string[];

  beforeEach(async () => {
    server = await startServer({ env: { SPOOL_SEGMENT_MAX_AGE_MS: '300' } });
    user = await TestUser.register(server.url);
    const links = [await user.shorten(), await user.shorten()];
    linkIds = links.map(({ id }) => id);
    await query(
      server,
      `ALTER TABLE clicks ADD CONSTRAINT not_this_link CHECK (link_id <> '${linkIds[0]}')`,
    );
    // In the same segments.
    [refused, others] = links.map(
      ({ code }) => new Load(server.url, code, { clients: 2, pauseMs: 5 }),
    ) as [Load, Load];
  }, 60_000);
  afterEach(async () => {
    await refused.stop();
    await others.stop();
    await server.remove();
  });

  const quarantine = () => readdirSync(join(server.dataDir, 'spool', 'quarantine'));
  const aside = () => metric(server.url, 'signpost_clicks_aside');
  const ingestion = async () => (await health(server.url))[1]['checks'].ingestion;

  async function stopVisitors(): Promise<void> {
    await refused.stop();
    await others.stop();
  }

  async function replay(): Promise<string> {
    const { stdout } = await run(process.execPath, signpost('spool:replay'), {
      cwd: tmpdir(),
      env: cleanEnvironment({ DATA_DIR: server.dataDir, JWT_SECRET: server.jwtSecret }),
    });
    return stdout;
  }

  /** Every click of both links is there once, in the reports too, and nothing is aside. */
  async function expectAllBack(): Promise<void> {
    expect(await eventually(aside, (clicks) => clicks === 0, BACK_WITHIN_MS)).toBe(0);
    await expectEachOnce(server, refused, others);
    for (const id of linkIds) {
      const [{ count } = { count: 0 }] = await query<{ count: number }>(
        server,
        'SELECT count(*)::int AS count FROM clicks WHERE link_id = $1',
        [id],
      );
      expect((await user.totals(id, count))['clicks']).toBe(count);
    }
    expect(await ingestion()).toMatchObject({ status: 'up' });
  }

  it('those of others are stored, and it is told, also after a start, until the command has brought them back', async () => {
    await others.redirects(200);
    await stopVisitors();
    await expectEachOnce(server, others);
    expect((await storedMarkers(server, [refused])).size).toBe(0);
    const count = refused.answered.size;
    expect(count).toBeGreaterThan(0);
    expect(await eventually(aside, (clicks) => clicks === count, BACK_WITHIN_MS)).toBe(count);
    expect(await ingestion()).toMatchObject({
      status: 'degraded',
      reason: expect.stringMatching(/refused \d+ clicks \(.*not_this_link.*spool:replay/),
    });
    expect((await health(server.url))[0]).toBe(200);
    for (const name of quarantine())
      expect(statSync(join(server.dataDir, 'spool', 'quarantine', name)).mode & 0o777).toBe(0o600);

    await server.restart();
    expect(await eventually(aside, (clicks) => clicks === count, BACK_WITHIN_MS)).toBe(count);
    expect((await ingestion()).status).toBe('degraded');
    // Too early: they are refused again, and still there.
    expect(await replay()).toContain(`${count} that were refused`);
    await eventually(aside, (clicks) => clicks !== count);
    await untilDrained(server);
    expect(await eventually(aside, (clicks) => clicks === count, BACK_WITHIN_MS)).toBe(count);

    await query(server, 'ALTER TABLE clicks DROP CONSTRAINT not_this_link');
    await replay();
    await expectAllBack();
    await replay();
    await expectAllBack();
    report(`${count} refused clicks came back, ${others.answered.size} of others never waited`);
  }, 120_000);

  it('a process that is killed again and again meanwhile neither loses nor doubles one', async () => {
    for (let kills = 0; kills < 6; kills += 1) {
      await others.redirects(40);
      await server.kill();
      await server.start();
    }
    await others.redirects(40);
    await stopVisitors();
    await untilDrained(server);
    await query(server, 'ALTER TABLE clicks DROP CONSTRAINT not_this_link');
    await replay();
    await eventually(aside, (clicks) => clicks === 0, 200);
    await server.kill();
    await server.start();
    await expectAllBack();
  }, 180_000);
});
