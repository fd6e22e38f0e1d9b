import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { follow, TestUser } from '../support/api.js';
import type { Fields } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

const url = 'https://example.com/';
const ABSENT = '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d';

describe('A batch of links', () => {
  let server: TestServer;
  let other: TestServer;
  let user: TestUser;
  let database: pg.Client;

  beforeAll(async () => {
    server = await startServer();
    other = await startServer({
      databaseUrl: server.databaseUrl,
      env: { JWT_SECRET: server.jwtSecret },
    });
    user = await TestUser.register(server.url);
    database = new pg.Client({ connectionString: server.databaseUrl });
    await database.connect();
  }, 60_000);
  afterAll(async () => {
    await database.end();
    await other.remove();
    await server.remove();
  });

  const send = (operations: unknown, more: object = {}, headers?: Record<string, string>) =>
    user.post('/links/batch', { operations, ...more }, headers);
  const resultsOf = async (operations: object[], more?: object): Promise<Fields[]> => {
    const { status, body } = await send(operations, more);
    expect(status).toBe(200);
    expect(body['results'].map(({ index }: Fields) => index)).toEqual([...operations.keys()]);
    return body['results'] as Fields[];
  };
  const statusesOf = async (operations: object[], more?: object) =>
    (await resultsOf(operations, more)).map(({ status }) => status as number);
  const create = (link: object = {}) => ({ op: 'create', link: { url, ...link } });
  const pointersOf = (problem: Fields) =>
    (problem['errors'] as { pointer: string }[]).map(({ pointer }) => pointer);
  const count = async (table: string) =>
    (await database.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`)).rows[0]!.n;

  it('sets passwords of links, and of a few only, for each takes time', async () => {
    const made = await resultsOf([
      create({ password: 'open sesame' }),
      { op: 'upsert', externalId: 'p-1', link: { url, password: 'open sesame' } },
    ]);
    expect(made.map(({ link }) => link.hasPassword)).toEqual([true, true]);
    const replaced = await resultsOf([
      { op: 'upsert', externalId: 'p-1', link: { url } },
      { op: 'update', id: made[0]!['link'].id, link: { password: null } },
    ]);
    expect(replaced.map(({ link }) => link.hasPassword)).toEqual([true, false]);
    const locked = await follow(server.url, replaced[0]!['link'].code);
    expect(locked.status).toBe(401);
    const many = await resultsOf(Array.from({ length: 11 }, () => create({ password: 'sesame' })));
    expect(many.map(({ status }) => status as number)).toEqual([
      ...Array<number>(10).fill(201),
      400,
    ]);
    expect(pointersOf(many[10]!['problem'])).toEqual(['/operations/10/link/password']);
  });

  it('tells only what became of each, to those who know what they have sent', async () => {
    const { status, body, headers } = await send([create()], {}, { prefer: 'return=minimal' });
    expect([status, headers.get('preference-applied')]).toEqual([200, 'return=minimal']);
    expect(body['results']).toEqual([{ index: 0, status: 201, etag: '"1"' }]);
  });

  it('tells of each operation what it would have been answered by itself, in order', async () => {
    const [one, two, three] = [
      await user.shorten({ externalId: 'b-1' }),
      await user.shorten({ title: 'x' }),
      await user.shorten({ externalId: 'b-3' }),
    ];
    const results = await resultsOf([
      create({ code: 'batch-1', tags: ['a', 'a'], title: 'New' }),
      { op: 'update', id: two['id'], ifMatch: '"1"', link: { title: null, maxClicks: 3 } },
      { op: 'update', externalId: 'b-1', link: { url: 'https://example.com/b' } },
      { op: 'delete', externalId: 'b-3' },
      { op: 'upsert', externalId: 'b-4', link: { url } },
    ]);
    expect(results).toMatchObject([
      { status: 201, etag: '"1"', link: { code: 'batch-1', tags: ['a'], title: 'New' } },
      { status: 200, etag: '"2"', link: { id: two['id'], title: null, maxClicks: 3 } },
      { status: 200, etag: '"2"', link: { id: one['id'], url: 'https://example.com/b' } },
      { status: 204 },
      { status: 201, etag: '"1"', link: { externalId: 'b-4' } },
    ]);
    expect(results[3]).toEqual({ index: 3, status: 204 });
    for (const { link } of results.filter((result) => result['link'])) {
      expect((await user.get(`/links/${link.id}`)).body).toEqual(link);
    }
    expect((await follow(server.url, 'batch-1')).status).toBe(302);
    expect((await follow(server.url, three['code'] as string)).status).toBe(410);
    const { body } = await user.get(`/links/${two['id']}/history`);
    expect(body['items'][0]).toMatchObject({ version: 2, action: 'link.updated' });
  });

  it('does what it can, and says of the rest the same as the single operations do', async () => {
    const foreign = await (await TestUser.register(server.url)).shorten();
    const { id, code } = await user.shorten({ code: 'mine', externalId: 'mine' });
    const results = await resultsOf([
      create({ url: 'javascript:alert(1)', tags: ['ok', ''] }),
      create({ code }),
      create({ externalId: 'mine' }),
      create({ workspaceId: foreign['workspaceId'] }),
      { op: 'update', id: foreign['id'], link: { title: 'x' } },
      { op: 'update', id: ABSENT, link: { title: 'x' } },
      { op: 'delete', id: 'nonsense' },
      { op: 'update', id, ifMatch: '"7"', link: { title: 'x' } },
      { op: 'update', id, ifMatch: '7', link: { title: 'x' } },
      { op: 'update', id, link: { code: 'other' } },
      {
        op: 'update',
        id,
        link: { startsAt: '2999-01-01T00:00:00Z', expiresAt: '2998-01-01T00:00:00Z' },
      },
      { op: 'upsert', externalId: 'mine', link: { url, code: 'other' } },
      { op: 'upsert', externalId: 'absent', ifMatch: '*', link: { url } },
      { op: 'upsert', externalId: 'a\nb', link: { url } },
      { op: 'upsert', externalId: 'x', link: { url, workspaceId: foreign['workspaceId'] } },
      create(Object.fromEntries(Array.from({ length: 250 }, (_, n) => [`f${n}`, n]))),
      create({ title: 'the last one' }),
    ]);
    const told = results.map(({ status, problem }) => [
      status,
      problem?.code,
      problem?.errors && pointersOf(problem as Fields),
    ]);
    const of = (index: number, ...names: string[]) =>
      names.map((name) => `/operations/${index}${name}`);
    expect(told).toEqual([
      [400, 'invalid-request', of(0, '/link/url', '/link/tags/1')],
      [409, 'code-taken', of(1, '/link/code')],
      [409, 'external-id-taken', of(2, '/link/externalId')],
      [404, 'not-found', of(3, '/link/workspaceId')],
      [404, 'link-not-found', undefined],
      [404, 'link-not-found', undefined],
      [404, 'link-not-found', undefined],
      [412, 'precondition-failed', undefined],
      [400, 'invalid-request', of(8, '/ifMatch')],
      [400, 'invalid-request', of(9, '/link/code')],
      [400, 'invalid-request', of(10, '/link/expiresAt')],
      [422, 'code-fixed', of(11, '/link/code')],
      [412, 'precondition-failed', undefined],
      [400, 'invalid-request', of(13, '/externalId')],
      [400, 'invalid-request', of(14, '/link/workspaceId')],
      [400, 'invalid-request', of(15, '/link')],
      [201, undefined, undefined],
    ]);
    const [absent, stranger] = [results[4]!['problem'], results[5]!['problem']] as Fields[];
    expect(absent).toEqual(stranger);
    expect(absent!['instance']).toBe('/api/v1/links/batch');
    expect((await user.get(`/links/${id}`)).body).toMatchObject({ title: null, clicks: 0 });
  });

  it.each([
    [{}, ['/operations']],
    [{ operations: 'x' }, ['/operations']],
    [{ operations: [] }, ['/operations']],
    [{ operations: Array(501).fill(create()) }, ['/operations']],
    [{ operations: [create(), 7, null] }, ['/operations/1', '/operations/2']],
    [{ operations: [{}] }, ['/operations/0/op']],
    [{ operations: [create(), { op: 'replace' }] }, ['/operations/1/op']],
    [{ operations: [{ op: 'create' }] }, ['/operations/0/link']],
    [{ operations: [{ op: 'create', link: null }] }, ['/operations/0/link']],
    [{ operations: [{ op: 'create', link: [] }] }, ['/operations/0/link']],
    [
      { operations: [{ op: 'create', link: {}, id: ABSENT, toString: 1, ifMatch: '*' }] },
      ['/operations/0/id', '/operations/0/toString', '/operations/0/ifMatch'],
    ],
    [{ operations: [{ op: 'update', link: {} }] }, ['/operations/0']],
    [{ operations: [{ op: 'update', link: {}, id: ABSENT, externalId: 'x' }] }, ['/operations/0']],
    [{ operations: [{ op: 'delete', id: 7 }] }, ['/operations/0/id']],
    [{ operations: [{ op: 'delete', externalId: 'x', link: {} }] }, ['/operations/0/link']],
    [
      { operations: [{ op: 'upsert', id: ABSENT, link: {} }] },
      ['/operations/0/id', '/operations/0/externalId'],
    ],
    [{ operations: [create()], atomic: 'yes' }, ['/atomic']],
    [{ operations: [create()], workspaceId: 'w' }, ['/workspaceId']],
    [{ operations: [create()], mode: 1 }, ['/mode']],
  ])('that is none is refused as a whole: %j', async (body, pointers) => {
    const links = await count('links');
    const { status, body: problem } = await user.post('/links/batch', body);
    expect([status, problem['code']]).toEqual([400, 'invalid-request']);
    expect([...new Set(pointersOf(problem))].toSorted()).toEqual(pointers.toSorted());
    expect(await count('links')).toBe(links);
  });

  it('that is atomic names all that is wrong, and changes nothing', async () => {
    const { id } = await user.shorten();
    const before = [await count('links'), await count('audit_events')];
    const operations = [
      create({ code: 'atomic-1' }),
      create({ url: 'nope' }),
      { op: 'update', id, link: { title: 'x' } },
      { op: 'delete', id: ABSENT },
      create({ code: 'atomic-1' }),
    ];
    const { status, body } = await send(operations, { atomic: true });
    expect([status, body['code'], body['errors']]).toMatchObject([
      422,
      'batch-refused',
      [
        { pointer: '/operations/1/link/url' },
        { pointer: '/operations/3', code: 'link-not-found' },
        { pointer: '/operations/4/link/code', code: 'taken' },
      ],
    ]);
    expect([await count('links'), await count('audit_events')]).toEqual(before);
    expect((await user.get(`/links/${id}`)).body['version']).toBe(undefined);
    const good = [operations[0]!, operations[2]!];
    expect(await statusesOf(good, { atomic: true })).toEqual([201, 200]);
    expect(await count('audit_events')).toBe(before[1]! + 2);
  });

  it('does what is about the same link, code or external id one after the other', async () => {
    const { id } = await user.shorten({ externalId: 's-0' });
    const results = await resultsOf([
      { op: 'update', id, link: { externalId: 's-1' } },
      { op: 'update', externalId: 's-1', ifMatch: '"2"', link: { title: 'second' } },
      { op: 'upsert', externalId: 's-0', link: { url } },
      { op: 'upsert', externalId: 's-0', ifMatch: '"1"', link: { url, title: 'again' } },
      { op: 'delete', externalId: 's-1' },
      { op: 'update', id, link: { title: 'gone' } },
      create({ externalId: 's-1', code: 'same' }),
      create({ code: 'same' }),
      { op: 'delete', externalId: 's-1', ifMatch: '"1"' },
      { op: 'delete', externalId: 's-1' },
    ]);
    expect(results.map(({ status, etag }) => [status, etag])).toEqual([
      [200, '"2"'],
      [200, '"3"'],
      [201, '"1"'],
      [200, '"2"'],
      [204, undefined],
      [404, undefined],
      [201, '"1"'],
      [409, undefined],
      [204, undefined],
      [404, undefined],
    ]);
    const { body } = await user.get(`/links/by-external-id/s-0`);
    expect(body['title']).toBe('again');
  });

  it('that a constraint of the database refuses a part of does all the rest', async () => {
    const links = await Promise.all(
      Array.from({ length: 9 }, () => user.shorten({ expiresAt: '2998-01-01T00:00:00Z' })),
    );
    const startsAt = (n: number) => (n % 4 === 1 ? '2999-01-01T00:00:00Z' : '2997-01-01T00:00:00Z');
    const results = await resultsOf(
      links.map(({ id }, n) => ({ op: 'update', id, link: { startsAt: startsAt(n) } })),
    );
    expect(results.map(({ status }) => status)).toEqual([
      200, 400, 200, 200, 200, 400, 200, 200, 200,
    ]);
    expect(pointersOf(results[5]!['problem'] as Fields)).toEqual(['/operations/5/link/startsAt']);
  });

  it('leaves each workspace with as many links as it may have', async () => {
    const limited = await startServer({
      databaseUrl: server.databaseUrl,
      env: { JWT_SECRET: server.jwtSecret, MAX_LINKS_PER_WORKSPACE: '3' },
    });
    try {
      const ada = await TestUser.register(limited.url);
      await ada.shorten({ code: 'limited' });
      const { body } = await ada.post('/links/batch', {
        operations: [
          create({ code: 'limited' }),
          create(),
          create({ code: 'limited' }),
          create(),
          create(),
          { op: 'upsert', externalId: 'x', link: { url } },
        ],
      });
      const told = body['results'].map(({ status, problem }: Fields) => [status, problem?.code]);
      expect(told).toEqual([
        [409, 'code-taken'],
        [201, undefined],
        [409, 'code-taken'],
        [201, undefined],
        [403, 'link-limit-reached'],
        [403, 'link-limit-reached'],
      ]);
    } finally {
      await limited.remove();
    }
  });

  it('asks for the role in each workspace, as a viewer and as a key', async () => {
    const team = (await user.post('/workspaces', { name: 'Team' })).body['id'] as string;
    const link = await user.shorten({ workspaceId: team, externalId: 'team-1' });
    const viewer = await TestUser.register(server.url);
    const { email } = (await viewer.get('/auth/me')).body;
    await user.post(`/workspaces/${team}/members`, { email, role: 'viewer' });
    const operations = [
      create({ workspaceId: team }),
      { op: 'delete', id: link['id'] },
      { op: 'update', id: link['id'], link: {} },
      create(),
    ];
    const answer = await viewer.post('/links/batch', { operations });
    expect(answer.body['results'].map(({ status }: Fields) => status)).toEqual([
      403, 403, 403, 201,
    ]);
    const whole = await viewer.post('/links/batch', { operations, workspaceId: team });
    expect([whole.status, whole.body['code']]).toEqual([403, 'forbidden']);
    const unknown = await send(operations, { workspaceId: ABSENT });
    expect([unknown.status, pointersOf(unknown.body)]).toEqual([404, ['/workspaceId']]);
    const key = async (...scopes: string[]) => {
      const { body } = await user.post(`/workspaces/${team}/api-keys`, { name: 'x', scopes });
      return Object.assign(await TestUser.register(server.url), { token: body['key'] as string });
    };
    expect((await (await key('links:read')).post('/links/batch', { operations })).status).toBe(403);
    const made = await (
      await key('links:write')
    ).post('/links/batch', {
      operations: [create(), { op: 'update', externalId: 'team-1', link: { title: 'by key' } }],
    });
    expect(made.body['results']).toMatchObject([
      { status: 201, link: { workspaceId: team, createdBy: null } },
      { status: 200, link: { title: 'by key' } },
    ]);
  });

  it('refuses all targets on hosts that are blocked', async () => {
    await database.query(
      `INSERT INTO blocked_hosts (id, host, reason, created_by, created_at)
       VALUES (gen_random_uuid(), 'evil.example', 'Malware', gen_random_uuid(), now())`,
    );
    const { id } = await user.shorten();
    const results = await resultsOf([
      create({ url: 'https://a.evil.example/x' }),
      create(),
      { op: 'update', id, link: { url: 'https://evil.example' } },
      { op: 'upsert', externalId: 'evil', link: { url: 'https://evil.example/' } },
    ]);
    expect(results.map(({ status }) => status)).toEqual([400, 201, 400, 400]);
    expect(pointersOf(results[3]!['problem'] as Fields)).toEqual(['/operations/3/link/url']);
  });

  it('of 500 links with long URLs is taken', async () => {
    const long = `${url}${'a'.repeat(8_150)}`;
    expect(new Set(await statusesOf(Array(500).fill(create({ url: long }))))).toEqual(
      new Set([201]),
    );
  }, 30_000);

  it('never waits in a circle for another one over the same links in another order', async () => {
    const onOther = Object.assign(await TestUser.register(other.url), { token: user.token });
    const names = Array.from({ length: 40 }, (_, n) => `circle-${n}`);
    const upserts = (order: string[]) => ({
      operations: order.map((externalId) => ({
        op: 'upsert',
        externalId,
        link: { url, title: randomUUID() },
      })),
    });
    for (let round = 0; round < 4; round += 1) {
      const answers = await Promise.all(
        [names, names.toReversed()].flatMap((order) =>
          [user, onOther].map((each) => each.post('/links/batch', upserts(order))),
        ),
      );
      for (const { status, body } of answers) {
        expect(status).toBe(200);
        for (const result of body['results']) expect([200, 201]).toContain(result.status);
      }
    }
    const { rows } = await database.query<{ version: number }>(
      `SELECT version FROM links WHERE external_id LIKE 'circle-%'`,
    );
    expect(rows.map(({ version }) => version)).toEqual(Array(40).fill(16));
    expect(server.log + other.log).not.toContain('deadlock');
  }, 30_000);

  it('gives a code that two of different users want at once to one of them', async () => {
    const eve = await TestUser.register(other.url);
    const codes = Array.from({ length: 30 }, (_, n) => `both-${n}`);
    // An external id twice makes several runs of it, which take the codes in another order.
    const batchOf = (order: string[]) => ({
      operations: order.flatMap((code, n) => [
        create({ code }),
        { op: 'upsert', externalId: 'again', link: { url, title: `${n}` } },
      ]),
    });
    const answers = await Promise.all([
      user.post('/links/batch', batchOf(codes)),
      eve.post('/links/batch', batchOf(codes.toReversed())),
    ]);
    const made = answers.flatMap(({ status, body }): string[] => {
      expect(status).toBe(200);
      return (body['results'] as Fields[]).flatMap(({ link }) => link?.code ?? []);
    });
    expect(made.filter((code) => codes.includes(code)).toSorted()).toEqual(codes.toSorted());
  }, 30_000);

  it('with an Idempotency-Key is done once, and answered again', async () => {
    const operations = Array.from({ length: 500 }, (_, n) => create({ title: `Once ${n}` }));
    const key = { 'idempotency-key': randomUUID() };
    const links = await count('links');
    const first = await send(operations, {}, key);
    const second = await send(operations, {}, key);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect([second.status, second.body]).toEqual([200, first.body]);
    expect(await count('links')).toBe(links + 500);
    const refused = { 'idempotency-key': randomUUID() };
    const wrong = [create({ code: 'kept' }), create({ url: 'nope' })];
    expect((await send(wrong, { atomic: true }, refused)).status).toBe(422);
    expect(await statusesOf([create({ code: 'kept' })])).toEqual([201]);
  }, 30_000);

  it('is read of nobody who has not proved who they are', async () => {
    const body = JSON.stringify({
      operations: Array(500).fill(create({ url: `${url}${'a'.repeat(4_000)}` })),
    });
    for (const authorization of [undefined, 'Bearer nonsense', `Bearer sgp_${'0'.repeat(36)}`]) {
      const answer = await user.client.post('/api/v1/links/batch', body, {
        headers: authorization === undefined ? {} : { authorization },
      });
      expect([answer.status, answer.body['code']]).toEqual([401, 'unauthenticated']);
    }
  });

  it('is no link, whatever is asked of it', async () => {
    for (const answer of [
      await user.get('/links/batch'),
      await user.patch('/links/batch', {}),
      await user.delete('/links/batch'),
    ]) {
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    }
  });

  it('counts as one request of the API for ten of its operations', async () => {
    const limited = await startServer({ env: { RATE_LIMIT_API_PER_MINUTE: '100' } });
    try {
      const ada = await TestUser.register(limited.url);
      const rest = async (many: number) => {
        const answer = await ada.post('/links/batch', { operations: Array(many).fill(create()) });
        return [answer.status, /r=(\d+)/.exec(answer.headers.get('ratelimit')!)?.[1]];
      };
      expect(await rest(10)).toEqual([200, '99']);
      expect(await rest(11)).toEqual([200, '97']);
      expect(await rest(500)).toEqual([200, '47']);
      expect(await rest(500)).toEqual([429, '0']);
    } finally {
      await limited.remove();
    }
  });
});
