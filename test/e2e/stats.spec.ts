import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { follow, TestUser } from '../support/api.js';
import type { Fields } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

const PARIS = 'timezone=Europe/Paris';

/** What spreadsheets would run. */
const FORMULAS = ['=1+"1",x', '+1', '-1+1', '@SUM(A1)', '\t=1', '\r=1'];

const cellsOf = (csv: string): string[] =>
  [...csv.matchAll(/(?:^|,|\r\n)("(?:[^"]|"")*"|[^",\r\n]*)/g)].map(([, cell]) =>
    cell!.replace(/^"|"$/g, '').replaceAll('""', '"'),
  );

describe('Statistics', () => {
  let server: TestServer;
  let user: TestUser;
  let stranger: TestUser;
  let link: Fields;
  let dangerous: Fields;

  beforeAll(async () => {
    server = await startServer();
    user = await TestUser.register(server.url);
    stranger = await TestUser.register(server.url);
    link = await user.shorten({ title: 'Sale', tags: ['sale'] });
    dangerous = await user.shorten({ tags: ['sale', 'odd'] });
    await follow(server.url, link['code'], { referer: 'https://news.example/today' });
    await follow(server.url, `${link['code']}?utm_source=mail`, { 'accept-language': 'de-DE,en' });
    await follow(server.url, link['code'], { 'user-agent': 'Googlebot/2.1' });
    await follow(server.url, link['code'], {}, 'HEAD');
    await follow(server.url, `${dangerous['code']}?utm_campaign=${encodeURIComponent('=1+"1",x')}`);
  });
  afterAll(() => server.remove());

  const stats = (query: string) => user.get(`/links/${link['id']}/stats?${query}`);

  it('show a click within two seconds', async () => {
    const fresh = await user.shorten();
    await follow(server.url, fresh['code']);
    const clicked = Date.now();
    expect(await user.totals(fresh['id'], 1)).toEqual({
      clicks: 1,
      humans: 1,
      bots: 0,
      visitors: 1,
    });
    expect(Date.now() - clicked).toBeLessThan(2_000);
  });

  it('tell humans from bots, and do not count HEAD', async () => {
    const expected = { clicks: 3, humans: 2, bots: 1, visitors: 1 };
    expect(await user.totals(link['id'], 3)).toEqual(expected);
    const { body } = await stats(PARIS);
    expect(body['series']).toHaveLength(30);
    expect(body['totals']).toEqual(expected);
    expect(body).toMatchObject({ linkId: link['id'], interval: 'day', timezone: 'Europe/Paris' });
    expect(body['series'].at(-1)).toEqual({
      start: expect.stringMatching(/^\d{4}-\d\d-\d\dT00:00:00\+0[12]:00$/),
      ...expected,
    });
  });

  it('break down and filter by what is known of the clicks', async () => {
    const { body } = await stats('groupBy=referrer,utm_source&limit=1');
    expect(body['breakdown']).toMatchObject([
      { dimension: 'referrer', value: null, other: false, clicks: 2 },
      { dimension: 'referrer', value: 'other', other: true, clicks: 1 },
      { dimension: 'utm_source', value: null, other: false, clicks: 2 },
      { dimension: 'utm_source', value: 'other', other: true, clicks: 1 },
    ]);
    const filtered = await stats('language=de&groupBy=utm_source');
    expect(filtered.body['totals']).toMatchObject({ clicks: 1, bots: 0 });
    expect(filtered.body['breakdown']).toMatchObject([{ value: 'mail', clicks: 1 }]);
    expect((await stats('language=-de')).body['totals']).toMatchObject({ clicks: 2, bots: 1 });
  });

  it('name links and workspaces as they are written, however they were asked for', async () => {
    const [id, workspaceId] = [link['id'], link['workspaceId']] as [string, string];
    const ofLink = await user.get(`/links/${id.toUpperCase()}/stats`);
    expect(ofLink.body).toMatchObject({ linkId: id, totals: { clicks: expect.any(Number) } });
    const ofWorkspace = await user.get(`/workspaces/${workspaceId.toUpperCase()}/stats`);
    expect(ofWorkspace.body).toMatchObject({ workspaceId });
    expect(ofLink.body['totals']).toEqual((await user.get(`/links/${id}/stats`)).body['totals']);
  });

  it('refuse all that is wrong at once', async () => {
    const { status, body } = await stats(
      'from=yesterday&to=2026-02-30&interval=minute&timezone=Mars/Olympus&groupBy=country,colour' +
        '&limit=101&country=US,,FR&format=xml&page=2',
    );
    expect(status).toBe(400);
    const pointers = (body['errors'] as Fields[]).map(({ pointer }) => pointer as string);
    expect(pointers.toSorted()).toEqual([
      '?country',
      '?format',
      '?from',
      '?groupBy.1',
      '?interval',
      '?limit',
      '?page',
      '?timezone',
      '?to',
    ]);
    const colour = (body['errors'] as Fields[]).find(({ pointer }) => pointer === '?groupBy.1');
    expect(colour?.['detail']).toContain('country, referrer, browser, os, device, language');
  });

  it.each([
    [
      'from=2026-02-02&to=2026-02-01&timezone=Mars/Olympus',
      ['?from', '?limit', '?timezone', '?to'],
    ],
    [
      'from=2026-02-03&to=2026-02-01T12:00:00Z&timezone=Mars',
      ['?from', '?limit', '?timezone', '?to'],
    ],
    ['from=2026-02-02&to=2026-02-02T04:00:00Z&timezone=US/Eastern', ['?from', '?limit', '?to']],
  ])('refuse the range %s beside all else that is wrong', async (range, expected) => {
    for (const path of ['stats', 'clicks']) {
      const { body } = await user.get(`/links/${link['id']}/${path}?${range}&limit=0`);
      const pointers = (body['errors'] as Fields[]).map(({ pointer }) => pointer as string);
      expect(pointers.toSorted()).toEqual(expected);
    }
  });

  it.each([
    ['country', '%00'],
    ['utm_source', 'a%00'],
    ['browser', '-%00'],
    ['referrer', 'a,b%7F'],
  ])('refuse the filter %s=%s, which PostgreSQL could not read', async (name, value) => {
    for (const path of [`links/${link['id']}`, `workspaces/${link['workspaceId']}`]) {
      const { status, body } = await user.get(`/${path}/stats?${name}=${value}`);
      expect([status, body['errors']]).toMatchObject([400, [{ pointer: `?${name}` }]]);
    }
  });

  it.each([
    'from=9999-12-01&to=9999-12-31',
    'from=9999-12-31&to=9999-12-31&timezone=Asia/Tokyo',
    'from=9999-12-31&to=9999-12-31&timezone=America/New_York',
    'to=9999-12-31T23:59:59Z',
  ])('go up to the end of the year 9999: %s', async (range) => {
    const paths = [
      `/links/${link['id']}/stats?`,
      `/links/${link['id']}/stats?groupBy=browser&country=-DE&`,
      `/workspaces/${link['workspaceId']}/stats?`,
      `/stats/links?ids=${link['id']}&`,
    ];
    for (const path of paths) {
      const { status, body } = await user.get(`${path}${range}`);
      expect([path, status]).toEqual([path, 200]);
      expect([body['from'], body['to']]).toEqual(Array(2).fill(expect.stringMatching(/^9999-/)));
    }
    const clicks = await user.get(`/links/${link['id']}/clicks?${range}`);
    expect(clicks.status).toBe(200);
  });

  it.each([
    ['from=2026-02-02&to=2026-02-01', /from is earlier than to/],
    ['from=2026-02-02T00:00:00Z&to=2026-02-02T01:00:00%2B01:00', /from is earlier than to/],
    ['from=2026-02-02&to=2026-02-02T00:00:00Z', /from is earlier than to/],
    ['from=2021-01-01&interval=hour', /at most 1,000 hours/],
    ['from=2010-01-01', /5 years/],
  ])('refuse the range %s', async (query, message) => {
    const { status, body } = await stats(query);
    expect(status).toBe(400);
    expect((body['errors'] as Fields[]).map(({ pointer }) => pointer)).toEqual(['?from', '?to']);
    for (const { detail } of body['errors'] as Fields[]) expect(detail).toMatch(message);
  });

  it('are not for strangers, who see the same as of a link that does not exist', async () => {
    const withoutIds = ({ status, body }: { status: number; body: Fields }) => {
      const { requestId: _, instance: __, ...problem } = body;
      return { status, problem };
    };
    for (const path of ['stats', 'stats?format=csv', 'clicks', 'clicks?format=csv']) {
      const foreign = withoutIds(await stranger.get(`/links/${link['id']}/${path}`));
      const absent = withoutIds(await stranger.get(`/links/${randomUUID()}/${path}`));
      const nonsense = withoutIds(await stranger.get(`/links/nonsense/${path}`));
      expect(foreign).toMatchObject({ status: 404, problem: { code: 'link-not-found' } });
      expect(absent).toEqual(foreign);
      expect(nonsense).toEqual(foreign);
    }
    for (const id of [link['workspaceId'], randomUUID(), 'nonsense']) {
      const { status, body } = await stranger.get(`/workspaces/${id}/stats`);
      expect([status, body['code']]).toEqual([404, 'not-found']);
    }
  });

  it('can be had as CSV', async () => {
    await user.totals(link['id'], 3);
    const answer = await user.get(`/links/${link['id']}/stats?${PARIS}`, { accept: 'text/csv' });
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('vary')).toBe('Accept');
    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="link-${link['id']}-stats.csv"`,
    );
    const lines = answer.text.split('\r\n');
    expect(lines[0]).toBe('start,clicks,humans,bots,visitors');
    expect(lines).toHaveLength(32);
    expect(lines[30]).toMatch(/^20.+T00:00:00\+0[12]:00,3,2,1,1$/);
    const grouped = await stats('groupBy=language&format=csv');
    expect(grouped.text).toBe(
      'dimension,value,other,clicks,humans,bots,visitors\r\n' +
        'language,,false,2,1,1,1\r\nlanguage,de,false,1,1,0,1\r\n',
    );
  });

  it('tell the visitors of the clicks that pass a filter', async () => {
    await user.totals(link['id'], 3);
    const campaign = await stats('utm_source=mail');
    expect(campaign.body['totals']).toEqual({
      clicks: 1,
      humans: 1,
      bots: 0,
      visitors: 1,
    });
    // The same visitor, whose browser is the same at each click.
    expect((await stats('browser=Firefox')).body['totals']).toMatchObject({
      humans: 2,
      visitors: 1,
    });
    const grouped = await stats('groupBy=referrer,browser');
    expect(grouped.body['breakdown']).toMatchObject([
      { value: null, humans: 1, visitors: 1 },
      { value: 'news.example', humans: 1, visitors: 1 },
      { value: 'Firefox', humans: 2, visitors: 1 },
      { value: null, humans: 0, visitors: 0 },
    ]);
  });

  it('have no formulas in CSV, whichever answer it is', async () => {
    const owner = await TestUser.register(server.url);
    const { id, code, workspaceId } = await owner.shorten({ tags: FORMULAS.slice(0, 4) });
    for (const formula of FORMULAS) {
      await follow(server.url, `${code}?utm_campaign=${encodeURIComponent(formula)}`);
    }
    await owner.totals(id as string, FORMULAS.length);
    for (const path of [
      `/links/${id}/stats?groupBy=utm_campaign&format=csv`,
      `/links/${id}/clicks?format=csv`,
      `/workspaces/${workspaceId}/stats?groupBy=utm_campaign&format=csv`,
      `/workspaces/${workspaceId}/stats?groupBy=country,utm_campaign&format=csv`,
      `/links/${id}/stats?format=csv`,
      `/workspaces/${workspaceId}/stats?format=csv`,
    ]) {
      const { status, text } = await owner.get(path);
      expect([path, status]).toEqual([path, 200]);
      const cells = cellsOf(text);
      expect([path, cells.filter((cell) => /^[=+@\t\r\n-]/.test(cell))]).toEqual([path, []]);
      const hasCampaigns = /campaign|clicks\?/.test(path);
      expect([path, cells.includes(`'${FORMULAS[0]}`)]).toEqual([path, hasCampaigns]);
    }
  });

  it('list the clicks, the newest first, and nothing that identifies a visitor', async () => {
    await user.totals(link['id'], 3);
    const path = `/links/${link['id']}/clicks`;
    const first = await user.get(`${path}?limit=2`);
    const second = await user.get(`${path}?limit=2&cursor=${first.body['nextCursor']}`);
    expect(second.body['nextCursor']).toBeNull();
    const items = [...first.body['items'], ...second.body['items']] as Fields[];
    expect(items).toEqual((await user.get(path)).body['items']);
    expect(items.map((item) => [item['isBot'], item['language'], item['referrer']])).toEqual([
      [true, null, null],
      [false, 'de', null],
      [false, null, 'news.example'],
    ]);
    expect(Object.keys(items[0]!)).toEqual([
      'id',
      'clickedAt',
      'country',
      'referrer',
      'browser',
      'os',
      'device',
      'language',
      'utmSource',
      'utmMedium',
      'utmCampaign',
      'isBot',
      'target',
      'qr',
    ]);
    const before = await user.get(`${path}?to=${first.body['items'][1].clickedAt}`);
    expect(before.body['items']).toEqual([items[2]]);
    expect((await user.get(`${path}?from=2000-01-01&to=2000-01-01`)).body['items']).toEqual([]);
    for (const query of ['cursor=x', 'cursor=%00', 'from=2026-01-02&to=2026-01-01', 'limit=0']) {
      expect((await user.get(`${path}?${query}`)).status).toBe(400);
    }
  });

  it('add up the links of a workspace', async () => {
    await user.totals(dangerous['id'], 1);
    const path = `/workspaces/${link['workspaceId']}/stats`;
    const { status, body } = await user.get(`${path}?tag=sale&groupBy=device`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      workspaceId: link['workspaceId'],
      totals: { clicks: 4, humans: 3, bots: 1, visitors: 2 },
      topLinks: [
        { linkId: link['id'], code: link['code'], shortUrl: link['shortUrl'], title: 'Sale' },
        { linkId: dangerous['id'], clicks: 1 },
      ],
      tags: [
        { tag: 'sale', clicks: 4 },
        { tag: 'odd', clicks: 1 },
      ],
    });
    expect((await user.get(`${path}?tag=`)).status).toBe(400);
    expect((await user.get(path, { accept: 'text/csv' })).text).toMatch(/^start,/);
  });

  it('tell the totals of many links at once', async () => {
    const ids = [dangerous['id'] as string, randomUUID(), link['id'] as string];
    const { body } = await user.get(`/stats/links?ids=${ids.join(',')}`);
    expect(body).toMatchObject({
      from: null,
      to: null,
      items: [{ linkId: ids[0] }, { linkId: ids[2], clicks: 3, lastClickedAt: expect.any(String) }],
      notFound: [ids[1]],
    });
    const past = await user.get(`/stats/links?ids=${ids[2]}&from=2020-01-01&to=2020-12-31`);
    expect(past.body['items']).toMatchObject([{ clicks: 0 }]);
    for (const query of ['', 'ids=', 'ids=x', `ids=${Array(101).fill(ids[1]).join(',')}`]) {
      expect((await user.get(`/stats/links?${query}`)).status).toBe(400);
    }
  });

  it('need somebody to be logged in', async () => {
    for (const path of ['links/x/stats', 'links/x/clicks', 'workspaces/x/stats', 'stats/links']) {
      expect((await user.client.get(`/api/v1/${path}`)).status).toBe(401);
    }
  });
});
