import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BROWSER, follow, TestUser } from '../support/api.js';
import { startServer, type TestServer } from '../support/server.js';

type Example = (options: { url: string; token: string }, ...rest: unknown[]) => Promise<unknown>;

/** Not by name: the types of the client are made of the OpenAPI document, and only checked with it. */
async function example(name: string): Promise<Example> {
  const file = join(import.meta.dirname, `../../client/examples/${name}.ts`);
  return ((await import(file)) as Record<string, Example>)[name]!;
}

describe('The typed client', () => {
  let server: TestServer;
  let user: TestUser;

  beforeAll(async () => {
    server = await startServer();
    user = await TestUser.register(server.url);
  });
  afterAll(() => server.remove());

  const options = () => ({ url: server.url, token: user.token });

  it('tells which links people followed', async () => {
    const [some, many] = [await user.shorten(), await user.shorten()];
    await user.shorten();
    for (const { code } of [some, many, many]) {
      await follow(server.url, code, { 'user-agent': BROWSER });
    }
    await user.totals(many.id, 2);
    await user.totals(some.id, 1);
    const lines: string[] = [];
    await (
      await example('report')
    )(options(), (line: string) => lines.push(line));
    expect(lines).toEqual([`2\t${many.shortUrl}`, `1\t${some.shortUrl}`]);
  });

  it('keeps the links of another system up to date, however often it runs', async () => {
    const products = Array.from({ length: 501 }, (_, number) => ({
      id: `p-${number}`,
      name: `Product ${number}`,
      url: `https://example.com/${number}`,
    }));
    products[7]!.url = 'javascript:alert(1)';
    const lines: string[] = [];
    const print = (line: string) => lines.push(line);
    const sync = await example('sync');
    const first = (await sync(options(), print, products)) as Map<string, string>;
    expect([first.size, lines.length]).toEqual([500, 1]);
    expect(lines[0]).toMatch(/^p-7\t.*url/);
    products[7]!.url = 'https://example.com/7';
    const second = (await sync(options(), print, products)) as Map<string, string>;
    expect([second.size, lines.length]).toEqual([501, 1]);
    for (const [id, shortUrl] of first) expect(second.get(id)).toBe(shortUrl);
  });

  it('follows what happens in a workspace, and goes on where it was', async () => {
    const { items } = (await user.get('/workspaces')).body;
    const lines: string[] = [];
    const print = (line: string) => lines.push(line.split('\t')[1]!);
    const followEvents = await example('follow');
    const seen = await followEvents(options(), print, items[0].id);
    lines.length = 0;
    const link = await user.shorten();
    await user.patch(`/links/${link['id']}`, { title: 'New' });
    const last = await followEvents(options(), print, items[0].id, seen);
    expect(lines).toEqual(['link.created', 'link.updated']);
    expect(await followEvents(options(), print, items[0].id, last)).toBe(last);
    expect(lines).toHaveLength(2);
  });
});
