import { readFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, follow, TestUser } from '../support/api.js';
import type { Fields } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

const SAMPLES = 'test/fixtures/import-samples';
const FILE = { 'content-type': 'application/octet-stream' };

describe('Imports', () => {
  let server: TestServer;
  let user: TestUser;
  let workspace: string;

  beforeAll(async () => {
    server = await startServer({
      env: { ALLOW_PRIVATE_REQUESTS: 'true', MAX_WORKSPACES_PER_USER: '0' },
    });
    user = await TestUser.register(server.url);
    workspace = (await user.shorten())['workspaceId'] as string;
  });
  afterAll(() => server.remove());

  /** A file of that text, or a sample, until all of it is done. */
  async function importFile(file: string, query = '', place = workspace): Promise<Fields> {
    const text = /^[\w-]+\.\w+$/.test(file) ? readFileSync(`${SAMPLES}/${file}`, 'latin1') : file;
    const body = /^[\w-]+\.\w+$/.test(file) ? new Blob([readFileSync(`${SAMPLES}/${file}`)]) : text;
    const response = await fetch(`${server.url}/api/v1/workspaces/${place}/imports?${query}`, {
      method: 'POST',
      headers: { ...FILE, authorization: `Bearer ${user.token}` },
      body,
    });
    const answer = (await response.json()) as Fields;
    expect([response.status, answer['code']]).toEqual([202, undefined]);
    expect(response.headers.get('location')).toBe(
      `/api/v1/workspaces/${place}/imports/${answer['id']}`,
    );
    return finished(answer['id'] as string, place);
  }
  const finished = async (id: string, place = workspace): Promise<Fields> =>
    (
      await eventually(
        () => user.get(`/workspaces/${place}/imports/${id}`),
        ({ body }) => body['finishedAt'] !== null,
        20_000,
      )
    ).body;
  const records = async ({ id, workspaceId }: Fields, query = ''): Promise<Fields[]> =>
    (await user.get(`/workspaces/${workspaceId}/imports/${id}/records?limit=200${query}`)).body[
      'items'
    ];
  const find = async (code: string): Promise<Fields> =>
    (await user.get(`/links?q=${code}`)).body['items'].find(
      (link: Fields) => link['code'] === code,
    );
  const newWorkspace = async (): Promise<string> =>
    (await user.post('/workspaces', { name: 'Another' })).body['id'];

  it('takes over links with their history, and they redirect', async () => {
    const done = await importFile('shlink-v3-short-urls.json', 'fileName=links.json');
    expect(done).toMatchObject({
      status: 'done',
      source: 'shlink',
      fileName: 'links.json',
      problem: null,
      progress: { read: 3, total: 3, created: 1, updated: 0, renamed: 0, skipped: 1, failed: 1 },
    });
    expect(await records(done)).toMatchObject([
      {
        index: 0,
        outcome: 'created',
        linkCode: 'lantern',
        warnings: [{ code: 'rules-fetched-separately' }],
      },
      { index: 1, outcome: 'skipped', code: 'docs/setup', problem: { code: 'code-invalid' } },
      { index: 2, outcome: 'failed', problem: { code: 'url-scheme' } },
    ]);
    const link = await find('lantern');
    expect(link).toMatchObject({
      title: 'Lámparas – Frühling 🌷',
      tags: ['garden', 'print'],
      createdAt: '2024-03-31T00:30:00.000Z',
      startsAt: '2024-03-31T22:00:00.000Z',
      maxClicks: 500,
      clicks: 412,
      importedClicks: 412,
      forwardQuery: true,
    });
    expect((await follow(server.url, 'lantern')).status).toBe(302);
    expect((await user.delete(`/links/${link['id']}/clicks`)).status).toBe(204);
    expect(await find('lantern')).toMatchObject({ clicks: 0, importedClicks: 0 });
  });

  it('lets no limited link redirect more often than it might have where it comes from', async () => {
    await importFile(
      JSON.stringify({
        count: 1,
        links: [{ path: 'twice', originalURL: 'https://example.com/', clicks: 3, clicksLimit: 5 }],
      }),
    );
    const statuses = [];
    for (let time = 0; time < 3; time += 1)
      statuses.push((await follow(server.url, 'twice')).status);
    expect(statuses).toEqual([302, 302, 410]);
  });

  it.each([
    ['skip', { created: 1, renamed: 0, updated: 0, skipped: 3 }],
    ['rename', { created: 1, renamed: 3, updated: 0, skipped: 0 }],
    ['update', { created: 1, renamed: 0, updated: 1, skipped: 2 }],
  ])(
    'does with codes that are taken or impossible what was chosen: %s',
    async (onTaken, counts) => {
      const own = await user.shorten({ url: 'https://example.com/before', note: 'stays' });
      const code = own['code'] as string;
      const table = `code,url,title\n${code},https://example.com/after,New\nadmin,https://example.com/a,\ncafé/au lait ${onTaken},https://example.com/b,\nfree-${onTaken},https://example.com/c,\n`;
      const trial = await importFile(table, `onTaken=${onTaken}&dryRun=true`);
      expect(trial).toMatchObject({ dryRun: true, progress: counts });
      expect(await find(`free-${onTaken}`)).toBeUndefined();
      const done = await importFile(table, `onTaken=${onTaken}`);
      expect(done['progress']).toMatchObject(counts);
      const [taken, reserved, unicode] = await records(done);
      const [triedTaken, , triedUnicode] = await records(trial);
      expect([triedTaken!['linkCode'], triedUnicode!['linkCode']]).toEqual([
        taken!['linkCode'],
        unicode!['linkCode'],
      ]);
      const codes = { skip: [code, null], rename: [`${code}-2`, `cafe-au-lait-${onTaken}`] };
      const [codeOfTaken, codeOfUnicode] = codes[onTaken as 'skip'] ?? [code, null];
      expect([taken!['linkCode'] ?? code, unicode!['linkCode']]).toEqual([
        codeOfTaken,
        codeOfUnicode,
      ]);
      expect(reserved!['outcome']).toBe(onTaken === 'rename' ? 'renamed' : 'skipped');
      expect((await user.get(`/links/${own['id']}`)).body).toMatchObject(
        onTaken === 'update'
          ? { url: 'https://example.com/after', title: 'New', note: 'stays' }
          : { url: 'https://example.com/before', title: null, note: 'stays' },
      );
    },
  );

  it('never touches the link of another workspace', async () => {
    const own = await user.shorten({ url: 'https://example.com/mine' });
    const other = await newWorkspace();
    const done = await importFile(
      `code,url\n${own['code']},https://example.com/theirs\n`,
      'onTaken=update',
      other,
    );
    expect(await records(done)).toMatchObject([
      { outcome: 'skipped', linkId: null, problem: { code: 'code-taken' } },
    ]);
    expect((await user.get(`/links/${own['id']}`)).body).toMatchObject({
      url: 'https://example.com/mine',
    });
  });

  it('makes links on the domains that the workspace has, and others on the default one', async () => {
    const place = await newWorkspace();
    const { body } = await user.post(`/workspaces/${place}/domains`, { host: 'go.brand.example' });
    await user.post(`/admin/domains/${body['id']}/verify`, undefined);
    const table =
      'Short URL,Long URL\n' +
      'https://Go.Brand.example/both,https://example.com/brand\n' +
      'https://elsewhere.example/both,https://example.com/default\n' +
      'https://third.example/both,https://example.com/twice\n';
    const done = await importFile(table, '', place);
    const here = new URL((await user.shorten())['shortUrl'] as string).host;
    expect(await records(done)).toMatchObject([
      { outcome: 'created', domain: 'go.brand.example', warnings: [] },
      { outcome: 'created', warnings: [{ code: 'domain-not-here' }] },
      { outcome: 'skipped', problem: { code: 'code-twice-in-file' } },
    ]);
    const links = (await user.get(`/links?workspaceId=${place}`)).body['items'] as Fields[];
    expect(links.map(({ domain, code, url }) => [domain, code, url])).toEqual([
      [here, 'both', 'https://example.com/default'],
      ['go.brand.example', 'both', 'https://example.com/brand'],
    ]);
    const exported = await user.get(`/workspaces/${place}/export`);
    expect(exported.text.match(/"domain":[^,]*/g)).toEqual([
      '"domain":"go.brand.example"',
      '"domain":null',
    ]);
  });

  it('makes nothing of a file that is broken at its end', async () => {
    const done = await importFile(
      `code,url\nearly,https://example.com/\nlate,"https://example.com/`,
    );
    expect(done).toMatchObject({ status: 'failed', problem: { code: 'file-unreadable' } });
    expect(await find('early')).toBeUndefined();
  });

  it.each([
    ['bitly-v4-invalid-json.txt', '', 'not valid JSON'],
    ['golink-export-stats.csv', '', 'cannot be told'],
    ['urls.txt', 'source=yourls', 'does not look like'],
  ])('says what is wrong with %s', async (file, query, words) => {
    const done = await importFile(file, query);
    expect(done).toMatchObject({ status: 'failed', progress: { read: 0, created: 0 } });
    expect(done['problem']['detail']).toContain(words);
  });

  it('keeps a report that can be read in pages, and of one outcome', async () => {
    const lines = Array.from(
      { length: 250 },
      (_, index) => `https://example.com/${index} page-${index % 249}`,
    );
    const done = await importFile(lines.join('\n'));
    expect(done['progress']).toMatchObject({ read: 250, created: 249, skipped: 1 });
    const path = `/workspaces/${workspace}/imports/${done['id']}/records?limit=200`;
    const first = (await user.get(path)).body;
    const second = (await user.get(`${path}&cursor=${first['nextCursor']}`)).body;
    expect(second['nextCursor']).toBeNull();
    const indexes = [...first['items'], ...second['items']].map(
      (record: Fields) => record['index'],
    );
    expect(indexes).toEqual(Array.from({ length: 250 }, (_, index) => index));
    expect(await records(done, '&outcome=skipped')).toMatchObject([{ index: 249, line: 250 }]);
  });

  it('is refused with all that is wrong, and as a whole if it is too large or empty', async () => {
    const path = `/workspaces/${workspace}/imports`;
    const wrong = await user.post(`${path}?source=nobody&onTaken=no`, {
      source: 'x',
      url: 'y',
      apiKey: '',
    });
    expect(wrong).toMatchObject({ status: 400 });
    expect(wrong.body['errors'].map(({ pointer }: Fields) => pointer)).toEqual([
      '?source',
      '?onTaken',
    ]);
    const remote = await user.post(path, { source: 'x', url: 'ftp://y', apiKey: '' });
    expect([...new Set(remote.body['errors'].map(({ pointer }: Fields) => pointer))]).toEqual([
      '/source',
      '/url',
      '/apiKey',
    ]);
    expect(await user.post(path, '', FILE)).toMatchObject({ status: 400 });
    expect(await user.post(path, 'x'.repeat(50_000_001), FILE)).toMatchObject({
      status: 413,
      body: { code: 'body-too-large' },
    });
    expect(
      (await user.get(path)).body['items'].filter(({ status }: Fields) => status === 'queued'),
    ).toEqual([]);
    // Elsewhere a file is no body.
    expect(await user.post('/links', 'x', FILE)).toMatchObject({ status: 415 });
  });

  it('that breaks off while it arrives is none', async () => {
    const path = `/workspaces/${workspace}/imports`;
    const { port } = new URL(server.url);
    const sent = request({
      port,
      host: '127.0.0.1',
      path: `/api/v1${path}`,
      method: 'POST',
      headers: { ...FILE, 'content-length': 1_000_000, authorization: `Bearer ${user.token}` },
    });
    sent.on('error', () => undefined);
    sent.write(`https://example.com/ broken-off\n${'x'.repeat(600_000)}`);
    await sleep(300);
    sent.destroy();
    // It takes no place of those that may be under way, and nothing comes of it.
    for (const code of ['after-it', 'after-that']) {
      expect(await importFile(`https://example.com/ ${code}`)).toMatchObject({ status: 'done' });
    }
    const unfinished = (await user.get(path)).body['items'].filter(
      (each: Fields) => each['finishedAt'] === null,
    );
    expect(unfinished).toEqual([]);
    expect(await find('broken-off')).toBeUndefined();
    expect(server.log).not.toContain('"status":500');
  });

  it("can be removed with its report, and is nobody else's", async () => {
    const done = await importFile('https://example.com/ removed-later');
    const path = `/workspaces/${workspace}/imports/${done['id']}`;
    const stranger = await TestUser.register(server.url);
    expect((await stranger.get(path)).status).toBe(404);
    const other = await newWorkspace();
    expect((await user.get(`/workspaces/${other}/imports/${done['id']}`)).status).toBe(404);
    expect((await user.delete(path)).status).toBe(204);
    expect((await user.get(path)).status).toBe(404);
    expect((await user.get(`${path}/records`)).status).toBe(404);
    expect(await find('removed-later')).toBeDefined();
  });

  describe('of a running service', () => {
    const asked: { url: string; key?: string | string[]; body: string }[] = [];
    let service: Server;
    let url: string;

    beforeAll(async () => {
      service = createServer((asking, response) => {
        let body = '';
        asking.on('data', (piece: Buffer) => (body += piece.toString()));
        asking.on('end', () => {
          const key = asking.headers['x-api-key'] ?? asking.headers.authorization;
          asked.push({ url: asking.url!, key, body });
          const [status, answer] = answerOf(asking.url!);
          response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '1' });
          response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
        });
      });
      await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
      url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
    });
    afterAll(() => new Promise((resolve) => service.close(resolve)));

    let busy = 1;
    function answerOf(path: string): [status: number, answer: unknown] {
      const sample = (name: string) => readFileSync(`${SAMPLES}/${name}`, 'utf8');
      if (path.includes('redirect-rules')) return [200, sample('shlink-v3-redirect-rules.json')];
      if (path.startsWith('/rest/v3')) {
        if ((busy -= 1) === 0) return [429, {}];
        const document = JSON.parse(
          sample('shlink-v3-short-urls.json').replaceAll('lantern', 'remote-lantern'),
        ) as Fields;
        const { data, pagination } = document['shortUrls'];
        const page = Number(/[?&]page=(\d+)/.exec(path)![1]);
        return [
          200,
          { shortUrls: { data: [data[page - 1]], pagination: { ...pagination, pagesCount: 3 } } },
        ];
      }
      if (path.startsWith('/api/v2/links')) {
        const document = JSON.parse(sample('kutt-v2-links.json')) as Fields;
        const skip = Number(/skip=(\d+)/.exec(path)![1]);
        return [200, { ...document, data: document['data'].slice(skip, skip + 2) }];
      }
      if (path === '/yourls-api.php') return [200, sample('yourls-api-stats.json')];
      if (path === '/v4/groups') return [200, { groups: [{ guid: 'Bk0' }] }];
      if (path.startsWith('/v4/groups/Bk0')) return [200, sample('bitly-v4-bitlinks.json')];
      if (path.startsWith('/links')) return [200, sample('dub-links.json')];
      return [302, 'elsewhere'];
    }

    const importFrom = async (source: string, query = ''): Promise<Fields> => {
      const { status, body } = await user.post(`/workspaces/${workspace}/imports?${query}`, {
        source,
        url,
        apiKey: `key-of-${source}`,
      });
      expect(status).toBe(202);
      return finished(body['id'] as string);
    };

    it.each([
      ['shlink', { created: 1, skipped: 1, failed: 1 }],
      ['kutt', { created: 3 }],
      ['yourls', { created: 2 }],
      ['bitly', { created: 4, failed: 1 }],
      ['dub', { created: 1, skipped: 1, failed: 1 }],
    ])('%s is asked for all of its pages', async (source, counts) => {
      asked.length = 0;
      expect(await importFrom(source)).toMatchObject({
        status: 'done',
        source,
        url: `${url}/`,
        progress: counts,
      });
      for (const { url: path, key, body } of asked) {
        expect(path).not.toContain('key-of-');
        expect([key, body].join(' ')).toContain(`key-of-${source}`);
      }
    });

    it('takes links that were banned, or had a password, over as switched off', async () => {
      for (const code of ['staff', 'bad'])
        expect(await find(code)).toMatchObject({ disabled: true });
      expect(await find('orchid')).toMatchObject({ disabled: false, clicks: 88 });
      expect(await find('picnic')).toMatchObject({
        externalId: 'crm-77',
        note: 'for the team',
        fallbackUrl: 'https://park.example.test/over',
      });
    });

    it('says why it cannot be asked', async () => {
      const { body } = await user.post(`/workspaces/${workspace}/imports`, {
        source: 'kutt',
        url: `${url}/elsewhere`,
        apiKey: 'k',
      });
      expect(await finished(body['id'] as string)).toMatchObject({
        status: 'failed',
        problem: { detail: expect.stringContaining('redirect (302)') },
      });
    });

    it('never has its key in the log', () => {
      expect(server.log).not.toContain('key-of-');
    });
  });
});

describe('An import from a service', () => {
  let server: TestServer;
  let user: TestUser;
  beforeAll(async () => {
    server = await startServer({ env: { ALLOW_PRIVATE_REQUESTS: 'false' } });
    user = await TestUser.register(server.url);
  });
  afterAll(() => server.remove());

  it.each([
    'http://127.0.0.1',
    'http://2130706433',
    'http://0x7f.1',
    'http://[::ffff:127.0.0.1]',
    'http://[::1]:5432',
    'http://0.0.0.0',
    'http://localhost',
    'http://169.254.169.254/latest/meta-data',
    'http://user:secret@example.com',
    'file:///etc/passwd',
    'gopher://example.com',
  ])('at %s is refused where private addresses are', async (url) => {
    const workspace = (await user.get('/workspaces')).body['items'][0]['id'] as string;
    const body = { source: 'shlink', url, apiKey: 'k' };
    const answer = await user.post(`/workspaces/${workspace}/imports`, body);
    expect([answer.status, answer.body['errors']]).toEqual([
      400,
      expect.arrayContaining([expect.objectContaining({ pointer: '/url' })]),
    ]);
    expect(answer.text).not.toContain('secret');
  });
});
