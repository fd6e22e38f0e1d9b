import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { follow, TestUser } from '../support/api.js';
import { startServer, type TestServer } from '../support/server.js';

const HOT_LINKS = 20;
const RANDOM_CODES = 5_000;
const AT_ONCE = 100;

describe('Visitors of codes that are not in memory', () => {
  let server: TestServer;
  let user: TestUser;
  let hot: string[];

  beforeAll(async () => {
    // Just as many as fit.
    server = await startServer({ env: { LINK_CACHE_SIZE: String(HOT_LINKS) } });
    user = await TestUser.register(server.url);
    hot = [];
    for (let n = 0; n < HOT_LINKS; n += 1) hot.push((await user.shorten())['code'] as string);
  }, 30_000);
  afterAll(() => server.remove());

  async function counted(): Promise<{ misses: number; queries: number }> {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const valueOf = (series: RegExp) => Number(series.exec(text)![1]);
    return {
      misses: valueOf(/^signpost_link_lookups_total\{result="misses"\} (\d+)/m),
      queries: valueOf(/^signpost_link_lookup_queries_total (\d+)/m),
    };
  }

  async function statusesOf(codes: string[]): Promise<Set<number>> {
    const answers = await Promise.all(codes.map((code) => follow(server.url, code)));
    return new Set(answers.map(({ status }) => status));
  }

  it('make one query, however many come for the same link', async () => {
    const { code } = await user.shorten();
    const before = await counted();
    expect(await statusesOf(Array.from({ length: 300 }, () => code as string))).toEqual(
      new Set([302]),
    );
    expect((await counted()).queries - before.queries).toBe(1);
  });

  it('with random codes push no link out of memory, and make no more queries than they may', async () => {
    expect(await statusesOf(hot)).toEqual(new Set([302]));
    const before = await counted();
    const startedAt = performance.now();
    for (let sent = 0; sent < RANDOM_CODES; sent += AT_ONCE) {
      const codes = Array.from({ length: AT_ONCE }, () => randomBytes(6).toString('base64url'));
      expect(await statusesOf(codes)).toEqual(new Set([404]));
    }
    const seconds = (performance.now() - startedAt) / 1_000;
    const after = await counted();
    expect(after.misses - before.misses).toBe(RANDOM_CODES);
    expect(after.queries - before.queries).toBeLessThanOrEqual(50 + 200 * seconds);
    expect(await statusesOf(hot)).toEqual(new Set([302]));
    expect(await counted()).toEqual(after);
  }, 60_000);
});
