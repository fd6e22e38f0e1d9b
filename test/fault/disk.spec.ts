import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, health, TestUser } from '../support/api.js';
import { storedMarkers, untilDrained } from '../support/exactly-once.js';
import { report } from '../support/fault-runs.js';
import { Load } from '../support/load.js';
import { metric } from '../support/metrics.js';
import { startServer, type TestServer } from '../support/server.js';
import { SmallDisk } from '../support/small-disk.js';

const RECOVERS_WITHIN_MS = 10_000;
const LOG_INTERVAL_MS = 10_000;

const reason = SmallDisk.whyNot();
if (reason !== undefined) {
  process.stdout.write(`  Not tested: a disk that is full or read-only (no tmpfs: ${reason})\n`);
}

(reason === undefined ? describe : describe.skip)('A spool on a disk that', () => {
  let disk: SmallDisk;
  let server: TestServer;
  let user: TestUser;
  let code: string;
  let load: Load;

  beforeEach(async () => {
    disk = SmallDisk.mount(8);
    server = await startServer({ dataDir: disk.path });
    user = await TestUser.register(server.url);
    code = (await user.shorten())['code'];
    load = new Load(server.url, code);
    await load.redirects(200);
  }, 60_000);
  afterEach(async () => {
    await load.stop();
    await server.remove();
    disk.remove();
  });

  const lost = () => metric(server.url, 'signpost_clicks_lost_total');
  const ready = async () => (await health(server.url, '/ready'))[0];

  /** Visitors do not notice; operators do. */
  async function expectTold(because: RegExp): Promise<void> {
    const isDown = async () => (await health(server.url, '/ready'))[1]['detail'] as string;
    expect(await eventually(isDown, (detail) => because.test(detail ?? ''), 20_000)).toMatch(
      because,
    );
    const before = await lost();
    await load.redirects(500);
    expect(await lost()).toBeGreaterThan(before);
    expect((await health(server.url, '/live'))[0]).toBe(200);
    const degraded = async () => (await health(server.url))[1];
    const body = await eventually(degraded, ({ status }) => status === 'degraded', 5_000);
    expect(body['checks'].spool).toMatchObject({ status: 'down', affectsReadiness: true });
  }

  /** What was lost is exactly what the metric and the log say. */
  async function expectCounted(since: number): Promise<void> {
    expect(await eventually(ready, (status) => status === 200, RECOVERS_WITHIN_MS)).toBe(200);
    await load.redirects(200);
    await load.stop();
    expect(load.failures).toEqual([]);
    await untilDrained(server);
    const stored = await storedMarkers(server, [load]);
    const counted = await lost();
    report(`${counted} of ${load.answered.size} clicks were lost`);
    expect([...stored].filter(([, count]) => count > 1)).toEqual([]);
    expect(load.answered.size - stored.size).toBe(counted);
    expect(await server.stop()).toBe(0);
    const logged = [
      ...server.log.matchAll(/"level":"error".*"(\d+) clicks were lost: (ENOSPC|EROFS)/g),
    ];
    expect(logged.reduce((sum, [, clicks]) => sum + Number(clicks), 0)).toBe(counted);
    // The first at once, the last when it ends.
    expect(logged.length).toBeLessThanOrEqual(2 + (Date.now() - since) / LOG_INTERVAL_MS);
  }

  it('is full: visitors are redirected, the loss is counted and told, and ends by itself', async () => {
    const kept = () => metric(server.url, 'signpost_spool_kept_bytes');
    expect(await eventually(kept, (bytes) => bytes > 0, 20_000)).toBeGreaterThan(0);
    const since = Date.now();
    disk.fill();
    await expectTold(/Clicks cannot be recorded: ENOSPC/);
    // Clicks that are stored make room first.
    expect(await eventually(kept, (bytes) => bytes === 0, 20_000)).toBe(0);
    disk.makeRoom();
    await expectCounted(since);
  }, 90_000);

  it('is read-only: visitors are redirected, the loss is counted and told, and ends by itself', async () => {
    await load.stop();
    await untilDrained(server);
    const since = Date.now();
    const before = load;
    disk.makeReadOnly();
    load = new Load(server.url, code);
    await expectTold(/Clicks cannot be recorded: EROFS/);
    disk.makeWritable();
    await expectCounted(since);
    expect((await storedMarkers(server, [before])).size).toBe(before.answered.size);
  }, 90_000);
});
