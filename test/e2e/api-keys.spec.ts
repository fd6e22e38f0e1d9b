import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { uuidv7 } from '../../src/common/uuid.js';
import { eventually, TestUser } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { type Fields, type HttpAnswer, HttpClient } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

const url = 'https://example.com/';
const ALL_SCOPES = [
  'links:read',
  'links:write',
  'stats:read',
  'members:read',
  'audit:read',
  'events:read',
  'webhooks:read',
  'webhooks:write',
];

describe('An API key', () => {
  let database: TestDatabase;
  let servers: TestServer[];
  let clients: HttpClient[];
  let ada: TestUser;
  let team: string;
  let link: string;

  beforeAll(async () => {
    database = await createDatabase();
    const env = { JWT_SECRET: 'one secret for both of them, 32 bytes and more' };
    const options = { databaseUrl: database.url, env };
    servers = [await startServer(options), await startServer(options)];
    clients = await Promise.all(servers.map((server) => HttpClient.connect(server.url)));
    ada = await TestUser.register(servers[0]!.url);
    team = (await ada.post('/workspaces', { name: 'Team' })).body['id'] as string;
    link = (await ada.shorten({ workspaceId: team }))['id'] as string;
  });
  afterAll(async () => {
    for (const server of servers) await server.remove();
    await database.drop();
  });

  const make = async (scopes = ALL_SCOPES, more: object = {}) => {
    const answer = await ada.post(`/workspaces/${team}/api-keys`, {
      name: 'Newsletter',
      scopes,
      ...more,
    });
    expect([answer.status, answer.body]).toEqual([201, answer.body]);
    return answer.body as { id: string; key: string; expiresAt: string | null };
  };
  const call = (key: string, method: string, path: string, body?: unknown, server = 0) =>
    clients[server]!.request(method, `/api/v1${path}`, body, { token: key });
  const outcome = ({ status, body }: HttpAnswer<Fields>) =>
    status < 300 ? status : [status, body['code']];
  /** Through each of the processes. */
  const read = (key: string) =>
    Promise.all(
      servers.map(async (_, n) => outcome(await call(key, 'GET', `/links/${link}`, undefined, n))),
    );
  const REFUSED = [
    [401, 'unauthenticated'],
    [401, 'unauthenticated'],
  ];

  const filled = (path: string) => path.replace('{team}', team).replace('{link}', link);

  it.each([
    { scope: 'links:read', method: 'GET', path: '/links/{link}' },
    { scope: 'links:read', method: 'GET', path: '/links?workspaceId={team}' },
    { scope: 'links:write', method: 'POST', path: '/links', body: { url } },
    { scope: 'links:write', method: 'PATCH', path: '/links/{link}', body: { title: 'By a key' } },
    { scope: 'stats:read', method: 'GET', path: '/links/{link}/stats' },
    { scope: 'stats:read', method: 'GET', path: '/links/{link}/clicks' },
    { scope: 'stats:read', method: 'GET', path: '/workspaces/{team}/stats' },
    { scope: 'stats:read', method: 'GET', path: '/stats/links?ids={link}' },
    { scope: 'members:read', method: 'GET', path: '/workspaces/{team}/members' },
    { scope: 'events:read', method: 'GET', path: '/workspaces/{team}/events' },
    { scope: 'webhooks:read', method: 'GET', path: '/workspaces/{team}/webhooks' },
    {
      scope: 'webhooks:write',
      method: 'POST',
      path: '/workspaces/{team}/webhooks',
      body: { url: 'http://127.0.0.1:9/', events: ['link.spent'] },
    },
  ])('with the scope $scope alone can $method $path', async ({ scope, method, path, body }) => {
    const { key } = await make([scope]);
    const answer = await call(key, method, filled(path), body);
    expect([answer.status < 300, answer.body]).toEqual([true, answer.body]);
    const { key: other } = await make(ALL_SCOPES.filter((one) => one !== scope));
    const refused = await call(other, method, filled(path), body);
    expect(outcome(refused)).toEqual([403, 'forbidden']);
    expect(refused.headers.get('www-authenticate')).toBe(
      `Bearer error="insufficient_scope", scope="${scope}"`,
    );
  });

  it.each([
    { method: 'GET', path: '/auth/me' },
    { method: 'GET', path: '/workspaces' },
    { method: 'POST', path: '/workspaces', body: { name: 'Mine' } },
    { method: 'GET', path: '/workspaces/{team}' },
    { method: 'DELETE', path: '/workspaces/{team}' },
    {
      method: 'POST',
      path: '/workspaces/{team}/members',
      body: { email: 'a@b.cd', role: 'owner' },
    },
    { method: 'POST', path: '/workspaces/{team}/invitations', body: { role: 'owner' } },
    { method: 'POST', path: `/invitations/spi_${'a'.repeat(43)}/accept` },
    { method: 'GET', path: '/workspaces/{team}/api-keys' },
    {
      method: 'POST',
      path: '/workspaces/{team}/api-keys',
      body: { name: 'x', scopes: ALL_SCOPES },
    },
    { method: 'GET', path: '/users' },
    { method: 'GET', path: '/admin/blocked-hosts' },
  ])('with all scopes cannot $method $path: that is for users', async ({ method, path, body }) => {
    const { key } = await make();
    const answer = await call(key, method, filled(path), body);
    expect(outcome(answer)).toEqual([403, 'forbidden']);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope"');
  });

  it('makes links in its workspace, which nobody has made, and retries them safely', async () => {
    const { key } = await make(['links:write', 'links:read']);
    const options = { token: key, headers: { 'idempotency-key': uuidv7() } };
    const [one, two] = [
      await clients[0]!.post('/api/v1/links', { url }, options),
      await clients[1]!.post('/api/v1/links', { url }, options),
    ];
    expect(one.body).toMatchObject({ workspaceId: team, createdBy: null });
    expect(two.body).toEqual(one.body);
    const named = await call(key, 'POST', '/links', { url, workspaceId: team.toUpperCase() });
    expect(named.body).toMatchObject({ workspaceId: team });
  });

  it('finds other workspaces of whoever made it as if there were none', async () => {
    const { key } = await make();
    const own = (await ada.get('/workspaces?limit=1')).body['items'] as { id: string }[];
    expect(own[0]!.id).toBe(team);
    const foreign = await ada.shorten();
    const { workspaceId, id } = foreign as { workspaceId: string; id: string };
    expect(workspaceId).not.toBe(team);
    const calls: [string, string, unknown?][] = [
      ['GET', `/links/${id}`],
      ['PATCH', `/links/${id}`, { title: 'x' }],
      ['DELETE', `/links/${id}`],
      ['GET', `/links/${id}/stats`],
      ['GET', `/links?workspaceId=${workspaceId}`],
      ['POST', '/links', { url, workspaceId }],
      ['PATCH', `/links/${link}`, { workspaceId }],
      ['GET', `/workspaces/${workspaceId}/stats`],
      ['GET', `/workspaces/${workspaceId}/members`],
    ];
    for (const [method, path, body] of calls) {
      expect([path, (await call(key, method, path, body)).status]).toEqual([path, 404]);
    }
    const listed = (await call(key, 'GET', '/links?limit=200')).body['items'] as Fields[];
    expect(new Set(listed.map((item) => item['workspaceId']))).toEqual(new Set([team]));
  });

  it('is shown once, and is neither in the database nor in a log', async () => {
    const answer = await ada.post(`/workspaces/${team}/api-keys`, {
      name: 'Shown once',
      scopes: ['links:read', 'links:read'],
    });
    const { key, ...rest } = answer.body;
    expect(answer.headers.get('cache-control')).toContain('no-store');
    expect(rest).toEqual({
      id: expect.any(String),
      name: 'Shown once',
      scopes: ['links:read'],
      prefix: key.slice(0, 8),
      lastFour: key.slice(-4),
      createdBy: (await ada.get('/auth/me')).body['id'],
      createdAt: expect.any(String),
      expiresAt: null,
      lastUsedAt: null,
    });
    const location = answer.headers.get('location')!.slice('/api/v1'.length);
    expect((await ada.get(location)).body).toEqual(rest);
    const list = await ada.get(`/workspaces/${team}/api-keys`);
    expect(list.text).not.toContain(key);
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query<{ row: string }>('SELECT k::text AS row FROM api_keys k');
    await client.end();
    expect(JSON.stringify(rows)).not.toContain(key);
    expect(await read(key as string)).toEqual([200, 200]);
    for (const server of servers) {
      // Each of them was asked by the key, and by no user of this id.
      const caller = `"apiKeyId":"${rest['id']}"`;
      const log = await eventually(
        async () => server.log,
        (text) => text.includes(caller),
      );
      expect(log).toContain(caller);
      expect(log).not.toContain(`"userId":"${rest['id']}"`);
      expect(log).not.toContain(key);
    }
    const { lastUsedAt } = (await ada.get(location)).body;
    expect(Date.now() - Date.parse(lastUsedAt as string)).toBeLessThan(60_000);
  });

  it.each([
    [
      'mistyped',
      (key: string) => `${key.slice(0, 9)}${key[9] === 'a' ? 'b' : 'a'}${key.slice(10)}`,
    ],
    ['cut off', (key: string) => key.slice(0, -1)],
    ['of nobody', () => 'sgp_'],
  ])('that is %s is refused', async (_, change) => {
    const { key } = await make();
    const answer = await call(change(key), 'GET', `/links/${link}`);
    expect(outcome(answer)).toEqual([401, 'unauthenticated']);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  });

  it('has a quota of its own, wherever it is used from', async () => {
    const { key } = await make();
    await call(key, 'GET', `/links/${link}`);
    const { headers } = await call(key, 'GET', `/links/${link}`);
    const [, quota] = /q=(\d+)/.exec(headers.get('ratelimit-policy')!)!;
    const [, left] = /r=(\d+)/.exec(headers.get('ratelimit')!)!;
    expect(Number(left)).toBe(Number(quota) - 1);
  });

  it('that was revoked is refused at once, by every process', async () => {
    const { id, key } = await make();
    expect(await read(key)).toEqual([200, 200]);
    expect((await ada.delete(`/workspaces/${team}/api-keys/${id}`)).status).toBe(204);
    expect(await read(key)).toEqual(REFUSED);
    const gone = await ada.delete(`/workspaces/${team}/api-keys/${id}`);
    expect(outcome(gone)).toEqual([404, 'not-found']);
  });

  it('is refused once it has expired', async () => {
    const { key } = await make(ALL_SCOPES, {
      expiresAt: new Date(Date.now() + 2_000).toISOString(),
    });
    const isRefused = (outcomes: unknown[]) => JSON.stringify(outcomes) === JSON.stringify(REFUSED);
    expect(await eventually(() => read(key), isRefused, 10_000)).toEqual(REFUSED);
  });

  it('is followed by another, while it stays good as long as is asked for', async () => {
    const first = await make(['links:read'], { expiresAt: '2100-01-01T00:00:00.000Z' });
    const path = (id: string) => `/workspaces/${team}/api-keys/${id}/rotate`;
    const second = await ada.post(path(first.id), { overlapSeconds: 60 });
    expect(second.status).toBe(201);
    expect(second.body).toMatchObject({
      name: 'Newsletter',
      scopes: ['links:read'],
      expiresAt: first.expiresAt,
    });
    expect(await read(first.key)).toEqual([200, 200]);
    expect(await read(second.body['key'] as string)).toEqual([200, 200]);
    const third = await ada.post(path(second.body['id'] as string), { overlapSeconds: 0 });
    expect(await read(second.body['key'] as string)).toEqual(REFUSED);
    expect(await read(third.body['key'] as string)).toEqual([200, 200]);
    const late = await ada.post(path(second.body['id'] as string), {});
    expect(outcome(late)).toEqual([404, 'not-found']);
    for (const overlapSeconds of [-1, 1.5, '1', 2_592_001]) {
      const answer = await ada.post(path(first.id), { overlapSeconds });
      expect(outcome(answer)).toEqual([400, 'invalid-request']);
    }
  });

  it.each([
    ['no name', { scopes: ['links:read'] }, '/name'],
    ['no scopes', { name: 'x' }, '/scopes'],
    ['an empty list of scopes', { name: 'x', scopes: [] }, '/scopes'],
    ['a scope that is none', { name: 'x', scopes: ['links:read', 'keys:write'] }, '/scopes/1'],
    ['a scope that is a text', { name: 'x', scopes: 'links:read' }, '/scopes'],
    [
      'an end in the past',
      { name: 'x', scopes: ['links:read'], expiresAt: '2020-01-01T00:00:00Z' },
      '/expiresAt',
    ],
    ['an end that is none', { name: 'x', scopes: ['links:read'], expiresAt: 1 }, '/expiresAt'],
  ])('is not made with %s', async (_, body, pointer) => {
    const answer = await ada.post(`/workspaces/${team}/api-keys`, body);
    expect(outcome(answer)).toEqual([400, 'invalid-request']);
    const errors = answer.body['errors'] as { pointer: string }[];
    expect(errors.map((error) => error.pointer)).toContain(pointer);
  });

  it('outlives the membership of whoever made it, and goes with its workspace', async () => {
    const owner = await TestUser.register(servers[1]!.url);
    const shared = (await ada.post('/workspaces', { name: 'Shared' })).body['id'] as string;
    const me = (await owner.get('/auth/me')).body as { id: string; email: string };
    await ada.post(`/workspaces/${shared}/members`, { email: me.email, role: 'owner' });
    const { key } = (
      await owner.post(`/workspaces/${shared}/api-keys`, { name: 'x', scopes: ['links:read'] })
    ).body as { key: string };
    await owner.delete(`/workspaces/${shared}/members/${me.id}`);
    const list = async () => outcome(await call(key, 'GET', '/links'));
    expect(await list()).toBe(200);
    await ada.delete(`/workspaces/${shared}`);
    expect(await list()).toEqual([401, 'unauthenticated']);
  });
});
