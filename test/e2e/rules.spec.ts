import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BROWSER, eventually, follow, TestUser } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import type { Fields } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1';
const SWISS = '129.132.1.1';
const AMERICAN = '8.8.8.8';
const OWN = 'https://example.com/own';

const RULES = [
  { url: 'https://example.com/app', when: { os: ['iOS', 'Android'], language: ['de'] } },
  { url: 'https://example.com/ch', when: { country: ['CH', 'LI'] }, name: 'swiss' },
  { url: 'https://example.com/ref', when: { query: { ref: ['partner'] } } },
  { url: 'https://example.com/news', when: { referrerHost: ['News.example'] } },
];
const SPLIT = [
  { url: 'https://example.com/a', weight: 1 },
  { url: 'https://example.com/b', weight: 1, name: 'b' },
];

const times = (count: number, item: object): object[] => Array.from({ length: count }, () => item);

describe('A link with rules', () => {
  let database: TestDatabase;
  let server: TestServer;
  let other: TestServer;
  let user: TestUser;

  beforeAll(async () => {
    database = await createDatabase();
    const env = {
      JWT_SECRET: 'one secret for both of them, 32 bytes and more',
      TRUSTED_PROXIES: '127.0.0.1',
    };
    server = await startServer({ databaseUrl: database.url, env });
    other = await startServer({
      databaseUrl: database.url,
      env: { ...env, PLAIN_CONNECTIONS: 'off' },
    });
    user = await TestUser.register(server.url);
  });
  afterAll(async () => {
    await server.remove();
    await other.remove();
    await database.drop();
  });

  const make = (fields: object = {}) => user.shorten({ url: OWN, rules: RULES, ...fields });
  /** Where both processes send the visitor, by every way: the first click finds the link in no memory. */
  async function targetsOf(path: string, headers: Record<string, string> = {}) {
    const targets = new Set<string | null>();
    for (const { url } of [server, other, server, other]) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await follow(url, path, { 'x-forwarded-for': AMERICAN, ...headers }, method);
        expect(answer.headers.get('cache-control')).toBe('private, no-store');
        targets.add(answer.headers.get('location'));
      }
    }
    return [...targets];
  }
  const valuesOf = (body: Fields, dimension: string) =>
    Object.fromEntries(
      (body['breakdown'] as Fields[])
        .filter((row) => row['dimension'] === dimension)
        .map((row) => [String(row['value']), row['clicks'] as number]),
    );

  it.each<[string, string, Record<string, string>, string]>([
    ['a German phone', '', { 'user-agent': IPHONE, 'accept-language': 'de-AT,en;q=0.5' }, '/app'],
    ['an English phone', '', { 'user-agent': IPHONE, 'accept-language': 'en,de;q=0.5' }, '/own'],
    ['a German desktop', '', { 'accept-language': 'de' }, '/own'],
    ['a Swiss', '', { 'x-forwarded-for': SWISS }, '/ch'],
    ['a Swiss partner', '?ref=partner', { 'x-forwarded-for': SWISS }, '/ch'],
    ['a partner', '?x=1&ref=partner', {}, '/ref'],
    ['another partner', '?ref=partners', {}, '/own'],
    ['a reader of the news', '', { referer: 'https://m.news.example/1' }, '/news'],
    ['anybody else', '', {}, '/own'],
  ])('sends %s where they belong', async (_, query, headers, path) => {
    const { code } = await make();
    expect(await targetsOf(`${code}${query}`, headers)).toEqual([`https://example.com${path}`]);
  });

  it('names in its reports where its clicks went, and which came from a QR code', async () => {
    const { id, code, workspaceId, rules } = await make({ tags: ['reported'] });
    expect((rules as Fields[]).map(({ name }) => name as string)).toEqual([
      'rule-1',
      'swiss',
      'rule-2',
      'rule-3',
    ]);
    await follow(server.url, `${code}?qr`, { 'x-forwarded-for': SWISS });
    await follow(server.url, `${code}?qr=1&ref=partner`);
    await follow(server.url, code, { 'x-forwarded-for': SWISS });
    await follow(server.url, code);
    await user.totals(id, 4);
    for (const path of [`/links/${id}/stats?`, `/workspaces/${workspaceId}/stats?tag=reported&`]) {
      const { body } = await user.get(`${path}groupBy=target,qr`);
      expect(valuesOf(body, 'target')).toEqual({ swiss: 2, 'rule-2': 1, null: 1 });
      expect(valuesOf(body, 'qr')).toEqual({ qr: 2, null: 2 });
    }
    const clicksOf = async (filter: string) =>
      (await user.get(`/links/${id}/stats?${filter}`)).body['totals']['clicks'] as number;
    expect(await clicksOf('target=swiss&qr=qr')).toBe(1);
    expect(await clicksOf('target=(unknown)')).toBe(1);
    expect(await clicksOf('target=-swiss')).toBe(2);
    const csv = await user.get(`/links/${id}/stats?groupBy=target&format=csv`);
    expect(csv.text).toContain('target,swiss,false,2,2,0,1\r\n');
    const { body } = await user.get(`/links/${id}/clicks`);
    expect((body['items'] as Fields[]).map(({ target, qr }) => [target, qr])).toEqual([
      [null, null],
      ['swiss', null],
      ['rule-2', 'qr'],
      ['swiss', 'qr'],
    ]);
  });

  it('is changed, cleared and restored, in all processes within a second', async () => {
    const { id, code } = await make({ split: SPLIT });
    expect(await targetsOf(code, { 'x-forwarded-for': SWISS })).toEqual(['https://example.com/ch']);
    const rules = [{ url: 'https://example.com/x', when: { until: '2099-01-01T00:00:00+01:00' } }];
    const changed = await user.patch(`/links/${id}`, { rules });
    expect(changed.body).toMatchObject({
      rules: [{ ...rules[0], name: 'rule-1', when: { until: '2098-12-31T23:00:00.000Z' } }],
      split: [{ ...SPLIT[0], name: 'split-1' }, SPLIT[1]],
    });
    const location = async () => (await follow(other.url, code)).headers.get('location')!;
    expect(await eventually(location, (url) => url.endsWith('/x'))).toBe(rules[0]!.url);
    await user.patch(`/links/${id}`, { rules: null, split: null });
    expect(await eventually(location, (url) => url === OWN)).toBe(OWN);
    const cleared = (await user.get(`/links/${id}`)).body;
    expect([cleared['rules'], cleared['split']]).toEqual([null, null]);
    const restored = await user.post(`/links/${id}/restore`, { version: 1 });
    expect((restored.body['rules'] as Fields[])[1]).toEqual(RULES[1]);
    expect(restored.body['split']).toHaveLength(2);
    // What was sent back as it was is no change.
    await user.patch(`/links/${id}`, { rules: restored.body['rules'] });
    const { body } = await user.get(`/links/${id}/history`);
    expect(
      (body['items'] as Fields[]).map(({ changes }) => Object.keys(changes as object)),
    ).toEqual([[], ['rules', 'split'], ['rules', 'split'], ['rules'], expect.any(Array)]);
  });

  it('forwards queries to whichever target', async () => {
    const { code } = await make({ forwardQuery: true });
    expect(await targetsOf(`${code}?ref=partner&x=1`)).toEqual([
      'https://example.com/ref?ref=partner&x=1',
    ]);
  });

  it('spends its clicks whichever target they go to', async () => {
    const { code } = await make({ maxClicks: 2 });
    const visit = (address: string) => follow(server.url, code, { 'x-forwarded-for': address });
    expect((await visit(SWISS)).headers.get('location')).toBe('https://example.com/ch');
    expect((await visit(AMERICAN)).headers.get('location')).toBe(OWN);
    expect((await visit(SWISS)).status).toBe(410);
  });

  it('gives a visitor of a split the same target in every process, and others the other', async () => {
    const { id, code } = await make({ rules: null, split: SPLIT });
    const seen = new Set<string>();
    for (let n = 1; n <= 20; n += 1) {
      const targets = await targetsOf(code, { 'x-forwarded-for': `8.8.4.${n}` });
      expect(targets).toHaveLength(1);
      seen.add(targets[0]!);
    }
    expect([...seen].toSorted()).toEqual(['https://example.com/a', 'https://example.com/b']);
    await user.totals(id, 80);
    const { body } = await user.get(`/links/${id}/stats?groupBy=target`);
    expect(Object.keys(valuesOf(body, 'target')).toSorted()).toEqual(['b', 'split-1']);
  });

  it('answers 410 when one of its targets is blocked, and takes none that is', async () => {
    const fields: [object, string][] = [
      [{ rules: [{ url: 'https://a.evil.example/', when: { os: ['iOS'] } }] }, '/rules/0/url'],
      [{ split: [SPLIT[0], { url: 'https://evil.example/x', weight: 1 }] }, '/split/1/url'],
    ];
    const links = await Promise.all(fields.map(([given]) => make(given)));
    await user.put('/admin/blocked-hosts/evil.example', { reason: 'phishing' });
    for (const [index, { id, code }] of links.entries()) {
      const statusOf = async () => (await follow(other.url, code)).status;
      expect(await eventually(statusOf, (status) => status === 410)).toBe(410);
      const explained = await user.post(`/links/${id}/explain`, {});
      expect(explained.body).toMatchObject({ outcome: 'blocked', url: null, countsAsClick: false });
      const [given, pointer] = fields[index]!;
      for (const refused of [
        await user.post('/links', { url: OWN, ...given }),
        await user.patch(`/links/${id}`, given),
      ]) {
        expect([refused.status, refused.body['errors']]).toMatchObject([
          400,
          [{ pointer, code: 'blocked' }],
        ]);
      }
    }
    await user.delete('/admin/blocked-hosts/evil.example');
  });

  it.each<[object, string[]]>([
    [{ rules: [] }, ['/rules']],
    [{ rules: 'x' }, ['/rules']],
    [{ rules: {} }, ['/rules', '/rules/url', '/rules/when']],
    [{ rules: [1, null, 'x', []] }, ['/rules/0', '/rules/1', '/rules/2', '/rules/3']],
    [{ rules: [{}] }, ['/rules/0/url', '/rules/0/when']],
    [{ rules: [{ url: OWN, when: {} }] }, ['/rules/0/when']],
    [{ rules: [{ url: OWN, when: [] }] }, ['/rules/0/when']],
    [{ rules: [{ url: OWN, when: null }] }, ['/rules/0/when']],
    [{ rules: [{ url: OWN, when: { os: null } }] }, ['/rules/0/when/os']],
    [
      { rules: [{ url: OWN, when: { colour: ['red'] } }] },
      ['/rules/0/when', '/rules/0/when/colour'],
    ],
    [{ rules: [{ url: OWN, when: { os: ['iOS'], toString: 1 } }] }, ['/rules/0/when/toString']],
    [{ rules: [{ url: 'x', when: { os: 'iOS' } }] }, ['/rules/0/url', '/rules/0/when/os']],
    [
      {
        rules: [
          { url: 'javascript:alert(1)', when: { device: ['phone', 'mobile', 7] } },
          { url: 'https://user@example.com/', name: '-x', when: { country: ['DE', 'de', 'GER'] } },
          { url: OWN, name: 5, when: { language: ['german', 'de'], os: ['ios'] } },
        ],
      },
      [
        '/rules/0/url',
        '/rules/0/when/device/2',
        '/rules/1/url',
        '/rules/1/name',
        '/rules/1/when/country/1',
        '/rules/1/when/country/2',
        '/rules/2/name',
        '/rules/2/when/os/0',
        '/rules/2/when/language/0',
      ],
    ],
    [
      { rules: [{ url: OWN, when: { referrerHost: ['a.example', 'https://b.example/', '*.c'] } }] },
      ['/rules/0/when/referrerHost/1', '/rules/0/when/referrerHost/2'],
    ],
    ...[{}, { ref: 'x' }, { ref: [1] }, { '': [] }, { a: ['\u0000'] }, 'x', ['x']].map(
      (query): [object, string[]] => [
        { rules: [{ url: OWN, when: { query } }] },
        ['/rules/0/when/query'],
      ],
    ),
    [
      { rules: [{ url: OWN, when: { from: '2026-02-30T00:00:00Z', until: 'tomorrow' } }] },
      ['/rules/0/when/from', '/rules/0/when/until'],
    ],
    [
      {
        rules: [
          { url: OWN, when: { from: '2026-12-02T00:00:00Z', until: '2026-12-02T00:00:00Z' } },
        ],
      },
      ['/rules/0/when/until'],
    ],
    [{ rules: times(21, { url: OWN, when: { os: ['iOS'] } }) }, ['/rules']],
    [
      { rules: times(3, { url: `${OWN}?${'x'.repeat(8_000)}`, when: { os: ['iOS'] } }) },
      ['/rules'],
    ],
    [{ split: [SPLIT[0]] }, ['/split']],
    [{ split: times(11, SPLIT[0]!) }, ['/split']],
    [
      {
        split: [
          { url: OWN, weight: 0 },
          { url: OWN, weight: 1.5 },
          { url: OWN },
          { weight: 10_001 },
        ],
      },
      ['/split/0/weight', '/split/1/weight', '/split/2/weight', '/split/3/url', '/split/3/weight'],
    ],
    [{ split: [{ ...SPLIT[0], when: {} }, SPLIT[1]] }, ['/split/0/when']],
  ])('refuses %j', async (fields, pointers) => {
    const { id } = await user.shorten({ url: OWN });
    for (const { status, body } of [
      await user.post('/links', { url: OWN, ...fields }),
      await user.patch(`/links/${id}`, fields),
    ]) {
      expect(status).toBe(400);
      const named = new Set((body['errors'] as Fields[]).map(({ pointer }) => pointer as string));
      expect([...named].toSorted()).toEqual(pointers.toSorted());
    }
  });

  it('may have as much as it may have', async () => {
    const when = {
      country: Array(35).fill('DE'),
      query: { ref: ['a', 'b'] },
      from: '2026-01-01T00:00:00Z',
    };
    const { rules } = await make({ rules: times(20, { url: OWN, when }), split: SPLIT });
    expect(rules).toHaveLength(20);
  });

  describe('explains', () => {
    it('of each rule whether it is for a visitor, and where the visitor goes', async () => {
      const { id } = await make();
      const explain = async (visit: object) =>
        (await user.post(`/links/${id}/explain`, visit)).body;
      expect(await explain({ userAgent: IPHONE, language: 'fr', country: 'LI' })).toEqual({
        outcome: 'redirect',
        url: 'https://example.com/ch',
        target: 'swiss',
        countsAsClick: true,
        rules: [
          {
            index: 0,
            name: 'rule-1',
            url: 'https://example.com/app',
            matches: false,
            reasons: [
              { condition: 'os', matches: true, detail: 'os is to be iOS or Android, and is iOS.' },
              {
                condition: 'language',
                matches: false,
                detail: 'language is to be de, and is fr.',
              },
            ],
          },
          {
            index: 1,
            name: 'swiss',
            url: 'https://example.com/ch',
            matches: true,
            reasons: [
              {
                condition: 'country',
                matches: true,
                detail: 'country is to be CH or LI, and is LI.',
              },
            ],
          },
          {
            index: 2,
            name: 'rule-2',
            url: 'https://example.com/ref',
            matches: false,
            reasons: [
              {
                condition: 'query',
                matches: false,
                detail: 'query ref is to be partner, and is not known.',
              },
            ],
          },
          {
            index: 3,
            name: 'rule-3',
            url: 'https://example.com/news',
            matches: false,
            reasons: [
              {
                condition: 'referrerHost',
                matches: false,
                detail: 'referrerHost is to be news.example, and is not known.',
              },
            ],
          },
        ],
      });
      expect(await explain({ address: SWISS })).toMatchObject({ target: 'swiss' });
      expect(await explain({ query: '?ref=partner', userAgent: BROWSER })).toMatchObject({
        target: 'rule-2',
        countsAsClick: true,
      });
      expect(await explain({ referrer: 'https://news.example/' })).toMatchObject({
        target: 'rule-3',
      });
      const bot = await explain({ userAgent: 'Googlebot/2.1' });
      expect(bot).toMatchObject({ url: OWN, target: null, countsAsClick: false });
    });

    it('the same as visitors get, and counts nothing', async () => {
      const { id, code } = await make({ rules: null, split: SPLIT, maxClicks: 20 });
      for (let n = 1; n <= 10; n += 1) {
        const address = `8.8.4.${n}`;
        const { body } = await user.post(`/links/${id}/explain`, { address, userAgent: BROWSER });
        const { headers } = await follow(server.url, code, { 'x-forwarded-for': address });
        expect(body['url']).toBe(headers.get('location'));
      }
      expect((await user.totals(id, 10))['clicks']).toBe(10);
    });

    it.each<[object, object, object]>([
      [{}, {}, { outcome: 'redirect', url: OWN, countsAsClick: true, rules: [] }],
      [
        { startsAt: '2090-01-01T00:00:00Z' },
        {},
        { outcome: 'not_started', url: null, countsAsClick: false },
      ],
      [{ startsAt: '2090-01-01T00:00:00Z' }, { at: '2090-01-01T00:00:00Z' }, { url: OWN }],
      [
        { expiresAt: '2090-01-01T00:00:00Z' },
        { at: '2090-01-01T00:00:00Z' },
        { outcome: 'expired', url: null },
      ],
      [
        { expiresAt: '2090-01-01T00:00:00Z', fallbackUrl: 'https://example.com/late' },
        { at: '2090-01-01T00:00:00Z' },
        { outcome: 'expired', url: 'https://example.com/late', countsAsClick: false },
      ],
      [{ disabled: true }, {}, { outcome: 'switched_off', url: null, countsAsClick: false }],
      [{ password: 'open sesame' }, {}, { outcome: 'password', url: OWN, countsAsClick: true }],
      [{ trackClicks: false }, {}, { outcome: 'redirect', url: OWN, countsAsClick: false }],
      [
        { forwardQuery: true, rules: [{ ...RULES[2], name: 'ref' }] },
        { query: 'ref=partner&x=1' },
        { url: `${RULES[2]!.url}?ref=partner&x=1`, target: 'ref' },
      ],
    ])('what a link with %j does for %j', async (fields, visit, answer) => {
      const { id } = await user.shorten({ url: OWN, ...fields });
      const { status, body } = await user.post(`/links/${id}/explain`, visit);
      expect(status).toBe(200);
      expect(body).toMatchObject(answer);
    });

    it('that a link is spent', async () => {
      const { id, code } = await make({ maxClicks: 1 });
      await follow(server.url, code);
      expect((await user.post(`/links/${id}/explain`, {})).body).toMatchObject({
        outcome: 'spent',
        url: null,
      });
    });

    it('nothing of a foreign link, and nothing it cannot read', async () => {
      const { id } = await make();
      const stranger = await TestUser.register(server.url);
      expect((await stranger.post(`/links/${id}/explain`, {})).status).toBe(404);
      const visit = {
        userAgent: 'x'.repeat(513),
        address: '1.2.3',
        country: 'de',
        language: 'a\u0000',
        query: 'a b',
        referrer: 5,
        at: 'now',
        colour: 'red',
      };
      const { status, body } = await user.post(`/links/${id}/explain`, visit);
      expect(status).toBe(400);
      expect(
        (body['errors'] as Fields[]).map(({ pointer }) => pointer as string).toSorted(),
      ).toEqual(
        Object.keys(visit)
          .map((name) => `/${name}`)
          .toSorted(),
      );
    });
  });
});
