import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { follow, TestUser } from '../support/api.js';
import type { Fields } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

const url = 'https://example.com/';

describe('External ids', () => {
  let server: TestServer;
  let other: TestServer;
  let user: TestUser;
  let onOther: TestUser;

  beforeAll(async () => {
    server = await startServer();
    other = await startServer({
      databaseUrl: server.databaseUrl,
      env: { JWT_SECRET: server.jwtSecret },
    });
    user = await TestUser.register(server.url);
    onOther = Object.assign(await TestUser.register(other.url), { token: user.token });
  }, 60_000);
  afterAll(async () => {
    await other.remove();
    await server.remove();
  });

  const pathOf = (externalId: string, query = '') =>
    `/links/by-external-id/${encodeURIComponent(externalId)}${query}`;
  const put = (externalId: string, link: object, headers?: Record<string, string>) =>
    user.put(pathOf(externalId), link, headers);
  const makeTeam = async () => {
    const { body } = await user.post('/workspaces', { name: 'Team' });
    return body['id'] as string;
  };

  it.each([
    'product-4711',
    'gid://shop/Product/4711?a=b#c',
    ' ',
    'Größe ☃ 100%',
    '💥'.repeat(255),
    '/'.repeat(255),
  ])('may be %j, and name the link from then on', async (externalId) => {
    const made = await user.post('/links', { url, externalId });
    expect([made.status, made.body['externalId']]).toEqual([201, externalId]);
    const { status, body, headers } = await user.get(pathOf(externalId));
    expect([status, body, headers.get('etag')]).toEqual([200, made.body, '"1"']);
  });

  it.each(['', 'a\u0000b', 'a\nb', 'x'.repeat(256), 7, ['x']])(
    'are refused if they are %j',
    async (externalId) => {
      const { status, body } = await user.post('/links', { url, externalId });
      expect([status, body['errors'][0].pointer]).toEqual([400, '/externalId']);
      const { id } = await user.shorten();
      expect((await user.patch(`/links/${id}`, { externalId })).status).toBe(400);
    },
  );

  it('are those of one link in a workspace, and free again when it is deleted', async () => {
    const { id } = await user.shorten({ externalId: 'once' });
    const second = await user.post('/links', { url, externalId: 'once' });
    expect([second.status, second.body['code'], second.body['errors'][0].pointer]).toEqual([
      409,
      'external-id-taken',
      '/externalId',
    ]);
    const elsewhere = await user.post('/links', {
      url,
      externalId: 'once',
      workspaceId: await makeTeam(),
    });
    expect(elsewhere.status).toBe(201);
    await user.delete(`/links/${id}`);
    expect((await user.get(pathOf('once'))).body['code']).toBe('link-not-found');
    expect((await put('once', { url })).status).toBe(201);
  });

  it('that are taken are told of a change, a move, a restore and a transfer', async () => {
    await user.shorten({ externalId: 'wanted' });
    const link = await user.shorten({ externalId: 'unwanted' });
    const path = `/links/${link['id']}`;
    const expectTaken = ({ status, body }: { status: number; body: Fields }, pointer?: string) => {
      expect([status, body['code'], body['errors']?.[0].pointer]).toEqual([
        409,
        'external-id-taken',
        pointer,
      ]);
    };
    expectTaken(await user.patch(path, { externalId: 'wanted' }), '/externalId');
    const workspaceId = await makeTeam();
    const there = await user.shorten({ externalId: 'unwanted', workspaceId });
    expectTaken(await user.patch(path, { workspaceId }), '/workspaceId');
    const back = { workspaceId: link['workspaceId'] };
    expectTaken(await user.patch(`/links/${there['id']}`, back), '/workspaceId');
    const transfer = `/workspaces/${workspaceId}?transferTo=${link['workspaceId']}`;
    expectTaken(await user.delete(transfer), '?transferTo');
    expect((await user.delete(path)).status).toBe(204);
    await put('unwanted', { url });
    expectTaken(await user.post(`${path}/restore`, {}));
    await user.patch(`/links/${there['id']}`, { externalId: null });
    expect((await user.delete(transfer)).status).toBe(204);
  });

  it('are in the history, and come back with an older version', async () => {
    const { id } = await user.shorten({ externalId: 'before' });
    const changed = await user.patch(`/links/${id}`, { externalId: 'after' });
    expect(changed.body['externalId']).toBe('after');
    const { body } = await user.get(`/links/${id}/history`);
    expect(body['items'][0].changes).toEqual({ externalId: { from: 'before', to: 'after' } });
    const restored = await user.post(`/links/${id}/restore`, { version: 1 });
    expect(restored.body['externalId']).toBe('before');
  });

  it('make a link by PUT, and replace it by the next, with what is absent as in a new one', async () => {
    const first = await put('shop', { url, title: 'Shop', tags: ['a'], maxClicks: 5 });
    expect([first.status, first.headers.get('etag')]).toEqual([201, '"1"']);
    expect(first.headers.get('location')).toBe(`/api/v1/links/${first.body['id']}`);
    const { code, id, createdAt } = first.body;
    await follow(server.url, code as string);
    await user.totals(id as string, 1);
    const second = await put('shop', { url: 'https://example.com/new', redirectStatus: 301 });
    expect([second.status, second.headers.get('etag')]).toEqual([200, '"2"']);
    expect(second.body).toMatchObject({
      id,
      code,
      createdAt,
      externalId: 'shop',
      url: 'https://example.com/new',
      title: null,
      tags: [],
      maxClicks: null,
      redirectStatus: 301,
      clicks: 1,
    });
    expect((await user.get(`/links/${id}`)).body).toEqual(second.body);
    expect((await put('shop', { url, code })).status).toBe(200);
    const another = await put('shop', { url, code: 'another' });
    expect([another.status, another.body['errors']]).toMatchObject([422, [{ pointer: '/code' }]]);
  });

  it.each([
    [{ url: 'nope' }, '/url'],
    [{ url, externalId: 'x' }, '/externalId'],
    [{ url, workspaceId: '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d' }, '/workspaceId'],
  ])('refuse %j by PUT, and point to %s', async (link, pointer) => {
    const { status, body } = await put('wrong', link);
    expect([status, body['errors'][0].pointer]).toEqual([400, pointer]);
  });

  it('honour If-Match and If-None-Match', async () => {
    const statusOf = async (headers: Record<string, string>) =>
      (await put('match', { url }, headers)).status;
    expect(await statusOf({ 'if-match': '"1"' })).toBe(412);
    expect(await statusOf({ 'if-match': '*' })).toBe(412);
    expect(await statusOf({ 'if-none-match': '*' })).toBe(201);
    expect(await statusOf({ 'if-none-match': '*' })).toBe(412);
    expect(await statusOf({ 'if-match': '"2"' })).toBe(412);
    expect(await statusOf({ 'if-match': '"1"' })).toBe(200);
    expect(await statusOf({ 'if-match': '*' })).toBe(200);
    expect(await statusOf({ 'if-match': '*', 'if-none-match': '*' })).toBe(412);
    expect(await statusOf({ 'if-match': 'x' })).toBe(400);
    expect(await statusOf({ 'if-none-match': '"1"' })).toBe(400);
  });

  it('make one link, however many put it at once in two processes', async () => {
    for (let round = 0; round < 5; round += 1) {
      const externalId = `race-${round}`;
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, n) =>
          (n % 2 ? user : onOther).put(pathOf(externalId), { url: `https://example.com/${n}` }),
        ),
      );
      const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
      expect(statuses).toEqual([...Array<number>(11).fill(200), 201]);
      expect(new Set(answers.map(({ body }) => body['id'] as string)).size).toBe(1);
      const versions = answers.map(({ headers }) => headers.get('etag'));
      expect(new Set(versions).size).toBe(12);
    }
    const conditional = await Promise.all(
      [user, onOther].map((each) => each.put(pathOf('new'), { url }, { 'if-none-match': '*' })),
    );
    expect(new Set(conditional.map(({ status }) => status))).toEqual(new Set([201, 412]));
  });

  it('of others, and in workspaces of others, look as if there were none', async () => {
    const { workspaceId } = await user.shorten({ externalId: 'secret' });
    const stranger = await TestUser.register(server.url);
    expect((await stranger.get(pathOf('secret'))).body['code']).toBe('link-not-found');
    const there = pathOf('secret', `?workspaceId=${workspaceId}`);
    for (const { status, body } of [
      await stranger.get(there),
      await stranger.put(there, { url }),
      await user.get(pathOf('secret', '?workspaceId=01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d')),
    ]) {
      expect([status, body['code'], body['errors'][0].pointer]).toEqual([
        404,
        'not-found',
        '?workspaceId',
      ]);
    }
    expect((await user.get(there)).status).toBe(200);
  });
});
