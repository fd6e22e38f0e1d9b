import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestUser } from '../support/api.js';
import { startServer, type TestServer } from '../support/server.js';

describe('Links', () => {
  let server: TestServer;
  let user: TestUser;

  beforeAll(async () => {
    server = await startServer({ env: { PUBLIC_URL: 'https://go.example.com' } });
    user = await TestUser.register(server.url);
  });
  afterAll(() => server.remove());

  it('are made with a random code', async () => {
    const { status, body, headers } = await user.post('/links', {
      url: 'https://EXAMPLE.com/a b'.replace(' ', '%20'),
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      code: expect.stringMatching(/^[2-9A-HJ-NP-Za-hjkmnp-z]{7}$/),
      url: 'https://example.com/a%20b',
      domain: 'go.example.com',
      redirectStatus: 302,
      tags: [],
      title: null,
      maxClicks: null,
      clicks: 0,
    });
    expect(body['shortUrl']).toBe(`https://go.example.com/${body['code']}`);
    expect(headers.get('location')).toBe(`/api/v1/links/${body['id']}`);
    expect(headers.get('etag')).toBe('"1"');
  });

  it('are made with a code of one’s own and every field', async () => {
    const link = {
      url: 'https://example.com/all',
      code: 'All-of_it',
      title: 'Alles ☃',
      tags: ['a', 'b', 'a'],
      redirectStatus: 308,
      startsAt: '2030-01-01T01:00:00+01:00',
      expiresAt: '2031-01-01T00:00:00Z',
      maxClicks: 5,
    };
    const { body } = await user.post('/links', link);
    expect(body).toMatchObject({
      ...link,
      tags: ['a', 'b'],
      startsAt: '2030-01-01T00:00:00.000Z',
      expiresAt: '2031-01-01T00:00:00.000Z',
    });
    const again = await user.get(`/links/${body['id']}`);
    expect(again.body).toEqual(body);
  });

  it('refuse a code that is taken, also by somebody else', async () => {
    await user.shorten({ code: 'taken' });
    const other = await TestUser.register(server.url);
    const { status, body } = await other.post('/links', {
      url: 'https://example.com/',
      code: 'taken',
    });
    expect([status, body['code']]).toEqual([409, 'code-taken']);
  });

  it('keep their code after they are deleted', async () => {
    const link = await user.shorten({ code: 'once' });
    expect((await user.delete(`/links/${link['id']}`)).status).toBe(204);
    expect((await user.get(`/links/${link['id']}`)).status).toBe(404);
    expect((await user.delete(`/links/${link['id']}`)).status).toBe(404);
    const { status } = await user.post('/links', { url: 'https://example.com/', code: 'once' });
    expect(status).toBe(409);
  });

  it('change only in what they are asked to', async () => {
    const link = await user.shorten({ title: 'before', tags: ['x'], maxClicks: 3 });
    const { body, headers } = await user.patch(`/links/${link['id']}`, {
      title: null,
      maxClicks: null,
    });
    expect(body).toMatchObject({ title: null, maxClicks: null, tags: ['x'], url: link['url'] });
    expect(headers.get('etag')).toBe('"2"');
  });

  it('honour If-Match: of two who change the same version, one is told', async () => {
    const { id } = await user.shorten();
    const [first, second] = await Promise.all(
      ['a', 'b'].map((title) => user.patch(`/links/${id}`, { title }, { 'if-match': '"1"' })),
    );
    expect(new Set([first!.status, second!.status])).toEqual(new Set([200, 412]));
    expect((await user.delete(`/links/${id}`, { 'if-match': '"1"' })).status).toBe(412);
    expect((await user.patch(`/links/${id}`, {}, { 'if-match': 'nonsense' })).status).toBe(400);
    expect((await user.delete(`/links/${id}`, { 'if-match': '*' })).status).toBe(204);
  });

  it.each([
    [{}, ['/url']],
    [{ url: null }, ['/url']],
    [{ url: 5 }, ['/url']],
    [{ url: 'javascript:alert(1)' }, ['/url']],
    [{ url: 'java\nscript:alert(1)' }, ['/url']],
    [{ url: 'data:text/html,x' }, ['/url']],
    [{ url: 'https://example.com/\r\nx: y' }, ['/url']],
    [{ url: 'https://go.example.com/x' }, ['/url']],
    [{ url: 'http://GO.example.COM.:443/x' }, ['/url']],
    [{ url: `https://example.com/${'a'.repeat(8_980)}` }, ['/url']],
    [{ url: 'https://example.com/', code: '../x' }, ['/code']],
    [{ url: 'https://example.com/', code: 'api' }, ['/code']],
    [{ url: 'https://example.com/', code: null }, ['/code']],
    [{ url: 'https://example.com/', unknown: 1 }, ['/unknown']],
    [{ url: 'https://example.com/', title: 'a\u0000b' }, ['/title']],
    [{ url: 'https://example.com/', title: 'a\ud800b' }, ['/title']],
    [{ url: 'https://example.com/', title: '❤️'.repeat(101) }, ['/title']],
    [{ url: 'https://example.com/', toString: 'x' }, ['/toString']],
    [{ url: 'https://example.com/', tags: ['ok', ''] }, ['/tags/1']],
    [
      { url: 'https://example.com/', tags: ['ok', '\udc00', '❤️'.repeat(26)] },
      ['/tags/1', '/tags/2'],
    ],
    [{ url: 'nope', expiresAt: '2020-01-01T00:00:00Z' }, ['/expiresAt', '/url']],
    [
      { url: 'nope', startsAt: '2999-01-01T00:00:00Z', expiresAt: '2998-01-01T00:00:00Z' },
      ['/expiresAt', '/url'],
    ],
    [{ url: 'https://example.com/', expiresAt: '2020-01-01T00:00:00Z' }, ['/expiresAt']],
    [{ url: 'https://example.com/', expiresAt: '2030-02-30T00:00:00Z' }, ['/expiresAt']],
    [{ url: 'https://example.com/', startsAt: '2030-01-01' }, ['/startsAt']],
    [
      {
        url: 'https://example.com/',
        startsAt: '2031-01-01T00:00:00Z',
        expiresAt: '2030-01-01T00:00:00Z',
      },
      ['/expiresAt'],
    ],
    [
      { url: 'x', code: 'a b', maxClicks: 0, redirectStatus: 303, workspaceId: 'w' },
      ['/code', '/maxClicks', '/redirectStatus', '/url', '/workspaceId'],
    ],
  ])('refuse %j and name the fields %j', async (body, pointers) => {
    const answer = await user.post('/links', body);
    expect(answer.status).toBe(400);
    const errors = answer.body['errors'] as { pointer: string }[];
    expect([...new Set(errors.map(({ pointer }) => pointer))].toSorted()).toEqual(pointers);
  });

  it('can be found and counted by any tag they can have', async () => {
    const tag = '❤️'.repeat(25);
    const { id, workspaceId } = await user.shorten({ tags: [tag], title: '😀'.repeat(200) });
    const query = `tag=${encodeURIComponent(tag)}`;
    expect((await user.get(`/links?${query}`)).body['items']).toMatchObject([{ id }]);
    expect((await user.get(`/workspaces/${workspaceId}/stats?${query}`)).status).toBe(200);
    const tooLong = `tag=${encodeURIComponent(`${tag}x`)}`;
    expect((await user.get(`/links?${tooLong}`)).status).toBe(400);
    expect((await user.get(`/workspaces/${workspaceId}/stats?${tooLong}`)).status).toBe(400);
  });

  it('cannot be changed to start after they end; the field that was sent is named', async () => {
    const { id } = await user.shorten({ expiresAt: '2998-01-01T00:00:00Z' });
    const pointersOf = async (changes: object) => {
      const { status, body } = await user.patch(`/links/${id}`, changes);
      expect(status).toBe(400);
      return (body['errors'] as { pointer: string }[]).map(({ pointer }) => pointer).toSorted();
    };
    const startsAt = '2999-01-01T00:00:00Z';
    expect(await pointersOf({ startsAt })).toEqual(['/startsAt']);
    const both = { startsAt, expiresAt: '2020-01-01T00:00:00Z' };
    expect(await pointersOf({ ...both, maxClicks: 0 })).toEqual(['/expiresAt', '/maxClicks']);
  });

  it('refuse __proto__, and any body that is too large or no JSON', async () => {
    const post = async (body: string, type = 'application/json') =>
      (await user.post('/links', body, { 'content-type': type })).status;
    expect(await post('{"url":"https://example.com/","__proto__":{"admin":true}}')).toBe(400);
    expect(await post('{"url":')).toBe(400);
    expect(await post('[]')).toBe(400);
    expect(await post('null')).toBe(400);
    expect(await post('{"url":"https://example.com/"}', 'text/plain')).toBe(415);
    expect(
      await post(JSON.stringify({ url: 'https://example.com/', title: 'x'.repeat(100_000) })),
    ).toBe(413);
  });

  it('are listed newest first, page by page, without gaps or repetitions', async () => {
    const reader = await TestUser.register(server.url);
    const made: unknown[] = [];
    for (let n = 0; n < 7; n += 1) made.unshift((await reader.shorten())['id']);
    const seen: unknown[] = [];
    let cursor: string | null = null;
    do {
      const page = await reader.get(`/links?limit=3${cursor === null ? '' : `&cursor=${cursor}`}`);
      seen.push(...page.body['items'].map(({ id }: { id: string }) => id));
      cursor = page.body['nextCursor'] as string | null;
    } while (cursor !== null);
    expect(seen).toEqual(made);
  });

  it('are found by code, title, target and tag', async () => {
    const reader = await TestUser.register(server.url);
    const link = await reader.shorten({ code: 'find-me', title: '100% Wolle', tags: ['yarn'] });
    await reader.shorten({ title: '100 Wolle' });
    const ids = async (query: string) =>
      (await reader.get(`/links?${query}`)).body['items'].map(({ id }: { id: string }) => id);
    for (const query of ['q=FIND-ME', 'q=100%25', 'q=wolle&tag=yarn', 'tag=yarn']) {
      expect(await ids(query)).toEqual([link['id']]);
    }
    expect(await ids('q=example.com')).toHaveLength(2);
    expect(await ids('q=find_me')).toEqual([]);
    expect(await ids('tag=yar')).toEqual([]);
  });

  it.each([
    'limit=0',
    'limit=201',
    'limit=x',
    'cursor=broken',
    'unknown=1',
    'workspaceId=1',
    'q=',
    'q=%00',
  ])('are not listed with %s', async (query) => {
    const { status, body } = await user.get(`/links?${query}`);
    expect(status).toBe(400);
    expect(body['errors'][0].pointer).toBe(`?${query.split('=')[0]}`);
  });

  it('of others look as if they did not exist', async () => {
    const link = await user.shorten();
    const other = await TestUser.register(server.url);
    const absent = '/links/01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d';
    for (const path of [`/links/${link['id']}`, absent, '/links/nonsense']) {
      for (const answer of [
        await other.get(path),
        await other.get(`${path}/stats`),
        await other.patch(path, { title: 'mine' }),
        await other.delete(path),
      ]) {
        expect([answer.status, answer.body['code']]).toEqual([404, 'link-not-found']);
      }
    }
    const { status } = await other.get(`/links?workspaceId=${link['workspaceId']}`);
    expect(status).toBe(404);
  });
});
