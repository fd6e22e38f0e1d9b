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
});
