import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, follow, TestUser } from '../support/api.js';
import type { Fields } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

/** Links with all that a link can have, and with what files stumble over. */
const LINKS = [
  { code: 'plain', url: 'https://example.com/' },
  {
    code: 'all-of-it',
    url: 'https://example.com/?q="a",b;c',
    title: '=HYPERLINK("https://evil.example"); \'quoted\' „ü“ 🌷',
    tags: ['a|b', 'c,d', '["e"]', "'f", '=g'],
    redirectStatus: 308,
    externalId: '-crm "77"',
    startsAt: '2020-01-01T00:00:00Z',
    expiresAt: '2099-12-31T23:59:59.999Z',
    note: 'two\nlines;\t+1',
    fallbackUrl: 'https://example.com/over',
    forwardQuery: true,
    forwardPath: true,
    trackClicks: false,
    rules: [
      {
        name: 'apps',
        when: { os: ['iOS', 'Android'], query: { beta: [] } },
        url: 'https://example.com/app',
      },
      { when: { country: ['DE'], until: '2099-01-01T00:00:00Z' }, url: 'https://example.com/de' },
    ],
    split: [
      { name: 'a', url: 'https://example.com/a', weight: 1 },
      { url: 'https://example.com/b', weight: 2 },
    ],
  },
  { code: 'off', url: 'https://example.com/off', disabled: true, title: "'" },
  { code: 'limited', url: 'https://example.com/limited', maxClicks: 3 },
  { code: 'ended', url: 'https://example.com/ended' },
];

/** Two services start, on a machine that may be busy. */
const MAY_BE_SLOW = 90_000;

describe('An export', () => {
  const servers: TestServer[] = [];
  let here: TestUser;
  let there: TestUser;

  beforeAll(async () => {
    servers.push(await startServer(), await startServer());
    [here, there] = await Promise.all(
      servers.map(({ url }) => TestUser.register(url)) as [Promise<TestUser>, Promise<TestUser>],
    );
    for (const link of LINKS) await here.shorten(link);
    const ended = await linkOf(here, 'ended');
    await here.patch(`/links/${ended['id']}`, { expiresAt: '2021-01-01T00:00:00Z' });
    for (let click = 0; click < 2; click += 1) await follow(servers[0]!.url, 'limited');
    await here.totals((await linkOf(here, 'limited'))['id'] as string, 2, 60_000);
  }, MAY_BE_SLOW);
  afterAll(() => Promise.all(servers.map((server) => server.remove())));

  const linkOf = async (user: TestUser, code: string): Promise<Fields> =>
    (await user.get('/links')).body['items'].find((link: Fields) => link['code'] === code);
  const newWorkspace = async (user: TestUser): Promise<string> =>
    (await user.post('/workspaces', { name: 'Links' })).body['id'];
  const homeOf = async (user: TestUser): Promise<string> =>
    (await user.get('/workspaces')).body['items'].at(-1)['id'];
  const exportOf = (user: TestUser, workspace: string, format: string) =>
    user.get(`/workspaces/${workspace}/export?format=${format}`);

  async function importInto(user: TestUser, workspace: string, file: string): Promise<Fields> {
    const headers = { 'content-type': 'application/octet-stream' };
    const path = `/workspaces/${workspace}/imports`;
    const { body } = await user.post(path, file, headers);
    const done = await eventually(
      () => user.get(`${path}/${body['id']}`),
      (answer) => answer.body['finishedAt'] !== null,
      20_000,
    );
    return done.body;
  }

  /** Without what differs: ids, the host, and who has counted the clicks. */
  const comparable = (jsonLines: string): Fields[] =>
    jsonLines
      .trim()
      .split('\n')
      .map((line) => {
        const {
          id: _,
          createdBy: _by,
          shortUrl: _url,
          importedClicks: _clicks,
          ...rest
        } = JSON.parse(line) as Fields;
        return rest;
      });

  it.each(['jsonl', 'csv'])(
    'as %s becomes the same links where it is imported',
    async (format) => {
      const file = await exportOf(here, await homeOf(here), format);
      expect(file.headers.get('content-disposition')).toBe(
        `attachment; filename="links.${format}"`,
      );
      const other = await newWorkspace(there);
      expect(await importInto(there, other, file.text)).toMatchObject({
        status: 'done',
        source: 'signpost',
        progress: { total: LINKS.length, created: LINKS.length },
      });
      const again = await exportOf(there, other, 'jsonl');
      const original = await exportOf(here, await homeOf(here), 'jsonl');
      expect(comparable(again.text)).toEqual(comparable(original.text));
      expect(comparable(original.text)).toHaveLength(LINKS.length);
      // The codes are for the next format.
      for (const { code } of LINKS) {
        expect((await follow(servers[1]!.url, code)).status).toBe(
          { off: 410, ended: 410, 'all-of-it': 308 }[code] ?? 302,
        );
      }
      expect((await follow(servers[1]!.url, 'limited')).status).toBe(410);
      await servers[1]!.remove();
      servers[1] = await startServer();
      there = await TestUser.register(servers[1].url);
    },
    MAY_BE_SLOW,
  );

  it('has all links, however many, and none that is deleted', async () => {
    const workspace = await newWorkspace(here);
    const lines = Array.from(
      { length: 450 },
      (_, index) => `https://example.com/${index} many-${index}`,
    );
    await importInto(here, workspace, lines.join('\n'));
    const { body } = await here.get(`/links?workspaceId=${workspace}&limit=1`);
    await here.delete(`/links/${body['items'][0]['id']}`);
    const codes = comparable((await exportOf(here, workspace, 'jsonl')).text).map(
      (link) => link['code'] as string,
    );
    expect(codes).toHaveLength(449);
    expect(new Set(codes).size).toBe(449);
    expect(codes).not.toContain(body['items'][0]['code']);
    const empty = await exportOf(here, await newWorkspace(here), 'csv');
    expect(empty.text.trim().split('\n')).toHaveLength(1);
  });

  it("is nobody else's", async () => {
    const stranger = await TestUser.register(servers[0]!.url);
    expect((await exportOf(stranger, await homeOf(here), 'csv')).status).toBe(404);
    expect((await here.get(`/workspaces/${await homeOf(here)}/export?format=xml`)).status).toBe(
      400,
    );
  });
});
