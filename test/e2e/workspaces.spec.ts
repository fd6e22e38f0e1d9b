import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uuidv7 } from '../../src/common/uuid.js';
import { eventually, follow, TestUser } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { type Fields, type HttpAnswer, HttpClient } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

type Role = 'owner' | 'editor' | 'viewer';

/** What an operation of the table may name. */
interface Place {
  workspace: string;
  link: string;
  member: string;
  invitation: string;
  key: string;
  domain: string;
  /** Of somebody who is no member. */
  email: string;
  /** A workspace of the caller's own. */
  own: string;
}

interface Operation {
  name: string;
  call: (user: TestUser, place: Place) => Promise<HttpAnswer<Fields>>;
  roles: Role[];
  status: number;
}

const ALL: Role[] = ['owner', 'editor', 'viewer'];
const WRITERS: Role[] = ['owner', 'editor'];
const OWNERS: Role[] = ['owner'];
const url = 'https://example.com/';

const operation = (
  name: string,
  roles: Role[],
  status: number,
  call: Operation['call'],
): Operation => ({ name, call, roles, status });

const OPERATIONS: Operation[] = [
  operation('read the workspace', ALL, 200, (user, { workspace }) =>
    user.get(`/workspaces/${workspace}`),
  ),
  operation('rename the workspace', OWNERS, 200, (user, { workspace }) =>
    user.patch(`/workspaces/${workspace}`, { name: 'Renamed' }),
  ),
  operation('delete the workspace', OWNERS, 204, (user, { workspace, own }) =>
    user.delete(`/workspaces/${workspace}?transferTo=${own}`),
  ),
  operation('list the members', ALL, 200, (user, { workspace }) =>
    user.get(`/workspaces/${workspace}/members`),
  ),
  operation('read a member', ALL, 200, (user, { workspace, member }) =>
    user.get(`/workspaces/${workspace}/members/${member}`),
  ),
  operation('change a role', OWNERS, 200, (user, { workspace, member }) =>
    user.patch(`/workspaces/${workspace}/members/${member}`, { role: 'editor' }),
  ),
  operation('remove a member', OWNERS, 204, (user, { workspace, member }) =>
    user.delete(`/workspaces/${workspace}/members/${member}`),
  ),
  operation('add a member', OWNERS, 201, (user, { workspace, email }) =>
    user.post(`/workspaces/${workspace}/members`, { email, role: 'viewer' }),
  ),
  operation('list the invitations', OWNERS, 200, (user, { workspace }) =>
    user.get(`/workspaces/${workspace}/invitations`),
  ),
  operation('read an invitation', OWNERS, 200, (user, { workspace, invitation }) =>
    user.get(`/workspaces/${workspace}/invitations/${invitation}`),
  ),
  operation('invite', OWNERS, 201, (user, { workspace }) =>
    user.post(`/workspaces/${workspace}/invitations`, { role: 'viewer' }),
  ),
  operation('revoke an invitation', OWNERS, 204, (user, { workspace, invitation }) =>
    user.delete(`/workspaces/${workspace}/invitations/${invitation}`),
  ),
  operation('list the API keys', OWNERS, 200, (user, { workspace }) =>
    user.get(`/workspaces/${workspace}/api-keys`),
  ),
  operation('read an API key', OWNERS, 200, (user, { workspace, key }) =>
    user.get(`/workspaces/${workspace}/api-keys/${key}`),
  ),
  operation('make an API key', OWNERS, 201, (user, { workspace }) =>
    user.post(`/workspaces/${workspace}/api-keys`, { name: 'x', scopes: ['links:read'] }),
  ),
  operation('rotate an API key', OWNERS, 201, (user, { workspace, key }) =>
    user.post(`/workspaces/${workspace}/api-keys/${key}/rotate`, {}),
  ),
  operation('revoke an API key', OWNERS, 204, (user, { workspace, key }) =>
    user.delete(`/workspaces/${workspace}/api-keys/${key}`),
  ),
  operation('list the domains', ALL, 200, (user, { workspace }) =>
    user.get(`/workspaces/${workspace}/domains`),
  ),
  operation('read a domain', ALL, 200, (user, { workspace, domain }) =>
    user.get(`/workspaces/${workspace}/domains/${domain}`),
  ),
  operation('add a domain', OWNERS, 201, (user, { workspace }) =>
    user.post(`/workspaces/${workspace}/domains`, { host: 'go.brand.example' }),
  ),
  operation('change a domain', OWNERS, 200, (user, { workspace, domain }) =>
    user.patch(`/workspaces/${workspace}/domains/${domain}`, { rootRedirectUrl: url }),
  ),
  operation('delete a domain', OWNERS, 204, (user, { workspace, domain }) =>
    user.delete(`/workspaces/${workspace}/domains/${domain}`),
  ),
  operation('draw the QR code of a link', ALL, 200, (user, { link }) =>
    user.get(`/links/${link}/qr`),
  ),
  operation('read the statistics of the workspace', ALL, 200, (user, { workspace }) =>
    user.get(`/workspaces/${workspace}/stats`),
  ),
  operation('list the links', ALL, 200, (user, { workspace }) =>
    user.get(`/links?workspaceId=${workspace}`),
  ),
  operation('make a link', WRITERS, 201, (user, { workspace }) =>
    user.post('/links', { url, workspaceId: workspace }),
  ),
  operation('read a link', ALL, 200, (user, { link }) => user.get(`/links/${link}`)),
  operation('read the statistics of a link', ALL, 200, (user, { link }) =>
    user.get(`/links/${link}/stats`),
  ),
  operation('read the clicks of a link', ALL, 200, (user, { link }) =>
    user.get(`/links/${link}/clicks`),
  ),
  operation('change a link', WRITERS, 200, (user, { link }) =>
    user.patch(`/links/${link}`, { title: 'Changed' }),
  ),
  operation('move a link away', WRITERS, 200, (user, { link, own }) =>
    user.patch(`/links/${link}`, { workspaceId: own }),
  ),
  operation('move a link in', WRITERS, 200, async (user, { workspace }) => {
    const { id } = await user.shorten();
    return user.patch(`/links/${id}`, { workspaceId: workspace });
  }),
  operation('delete a link', WRITERS, 204, (user, { link }) => user.delete(`/links/${link}`)),
];

const userOf = async (user: TestUser) => (await user.get('/auth/me')).body;
const idOf = async (user: TestUser) => (await userOf(user))['id'] as string;
const emailOf = async (user: TestUser) => (await userOf(user))['email'] as string;

describe('A workspace', () => {
  let database: TestDatabase;
  let servers: TestServer[];
  let admin: TestUser;
  let ada: TestUser;
  let grace: TestUser;

  beforeAll(async () => {
    database = await createDatabase();
    const env = {
      JWT_SECRET: 'one secret for both of them, 32 bytes and more',
      MAX_WORKSPACES_PER_USER: '0',
    };
    const options = { databaseUrl: database.url, env };
    servers = [await startServer(options), await startServer(options)];
    // The first user of an installation.
    admin = await register();
    ada = await register();
    grace = await register(1);
  });
  afterAll(async () => {
    for (const server of servers) await server.remove();
    await database.drop();
  });

  const register = (server = 0) => TestUser.register(servers[server]!.url);
  const make = async (user = ada) =>
    (await user.post('/workspaces', { name: 'Team' })).body['id'] as string;
  const add = async (workspace: string, user: TestUser, role: Role, by = ada) => {
    const answer = await by.post(`/workspaces/${workspace}/members`, {
      email: await emailOf(user),
      role,
    });
    expect([answer.status, answer.body]).toEqual([201, expect.objectContaining({ role })]);
    return answer;
  };
  const invite = async (workspace: string, body: object = { role: 'editor' }) =>
    (await ada.post(`/workspaces/${workspace}/invitations`, body)).body;
  const accept = (user: TestUser, token: unknown) =>
    user.post(`/invitations/${String(token)}/accept`, undefined);
  const roles = async (workspace: string, by = ada): Promise<Role[]> => {
    const { body } = await by.get(`/workspaces/${workspace}/members`);
    return (body['items'] as { role: Role }[]).map(({ role }) => role);
  };
  const outcome = ({ status, body }: HttpAnswer<Fields>) =>
    status < 300 ? status : [status, body['code']];
  /** What differs from request to request is left out. */
  const refusal = ({ status, body }: HttpAnswer<Fields>) => {
    const { instance: _, requestId: __, ...rest } = body;
    return { status, ...rest };
  };

  describe.each(OPERATIONS)('lets $roles $name', ({ call, roles: allowed, status }) => {
    let workspace: string;
    let place: Omit<Place, 'own'>;
    const personal = async (user: TestUser) => {
      const { body } = await user.get('/workspaces?limit=200');
      const owned = (body['items'] as Fields[]).filter(({ role }) => role === 'owner');
      return owned.find(({ id }) => id !== workspace)!['id'] as string;
    };
    const prepare = async () => {
      workspace = await make();
      const member = await register();
      await add(workspace, member, 'viewer');
      place = {
        workspace,
        link: (await ada.shorten({ workspaceId: workspace }))['id'] as string,
        member: await idOf(member),
        invitation: (await invite(workspace))['id'] as string,
        key: (
          await ada.post(`/workspaces/${workspace}/api-keys`, {
            name: 'x',
            scopes: ['links:read'],
          })
        ).body['id'] as string,
        domain: (await ada.post(`/workspaces/${workspace}/domains`, { host: 'go.invalid' })).body[
          'id'
        ] as string,
        email: await emailOf(await register()),
      };
    };

    it.each(ALL)('as %s', async (role) => {
      await prepare();
      const user = await register(1);
      await add(workspace, user, role);
      const answer = await call(user, { ...place, own: await personal(user) });
      const expected = allowed.includes(role) ? status : [403, 'forbidden'];
      expect(outcome(answer)).toEqual(expected);
    });

    it('and to strangers and administrators of the instance it is as if there were none', async () => {
      await prepare();
      const absent = {
        ...place,
        workspace: uuidv7(),
        link: uuidv7(),
        member: uuidv7(),
        invitation: uuidv7(),
        key: uuidv7(),
        domain: uuidv7(),
      };
      for (const user of [grace, admin]) {
        const own = await personal(user);
        const found = refusal(await call(user, { ...place, own }));
        expect(found).toMatchObject({ status: 404 });
        expect(found).toEqual(refusal(await call(user, { ...absent, own })));
      }
    });
  });

  it('shows in the OpenAPI document who may do what', async () => {
    const document = (await (await fetch(`${servers[0]!.url}/openapi.json`)).json()) as Fields;
    const operationOf = (path: string, method: string) => document['paths'][path][method] as Fields;
    expect(operationOf('/api/v1/workspaces/{id}/members', 'post')).toMatchObject({
      'x-required-role': ['owner'],
      'x-required-permission': 'members:write',
      description: expect.stringContaining('Needs `members:write` in the workspace: owner.'),
    });
    expect(operationOf('/api/v1/links/{id}', 'patch')).toMatchObject({
      'x-required-role': ['owner', 'editor'],
    });
    for (const [path, item] of Object.entries(document['paths'] as Record<string, Fields>)) {
      if (!/workspaces\/\{id\}|\/api\/v1\/links/.test(path)) continue;
      for (const [method, { 'x-required-role': needed }] of Object.entries(item)) {
        expect([path, method, needed]).toEqual([path, method, expect.any(Array)]);
      }
    }
  });

  it('is made, listed page by page, renamed and deleted', async () => {
    const user = await register();
    const made = await user.post('/workspaces', { name: 'Über uns 💥' });
    expect(made.status).toBe(201);
    const id = made.body['id'] as string;
    expect(made.headers.get('location')).toBe(`/api/v1/workspaces/${id}`);
    expect(made.headers.get('etag')).toBe('"1"');
    expect(made.body).toMatchObject({ name: 'Über uns 💥', role: 'owner' });
    const team = await make();
    await add(team, user, 'viewer');

    const first = (await user.get('/workspaces?limit=2')).body;
    expect(first['items']).toMatchObject([
      { id: team, role: 'viewer' },
      { id, role: 'owner' },
    ]);
    const rest = (await user.get(`/workspaces?limit=2&cursor=${first['nextCursor']}`)).body;
    expect([rest['items'].length, rest['nextCursor']]).toEqual([1, null]);

    const path = `/workspaces/${id}`;
    const renamed = await user.patch(path, { name: 'We' }, { 'if-match': '"1"' });
    expect([renamed.body['name'], renamed.headers.get('etag')]).toEqual(['We', '"2"']);
    const late = await user.patch(path, { name: 'Us' }, { 'if-match': '"1"' });
    expect(outcome(late)).toEqual([412, 'precondition-failed']);
    expect((await user.patch(path, {})).body['name']).toBe('We');
    expect(outcome(await user.delete(path, { 'if-match': '"2"' }))).toEqual([
      412,
      'precondition-failed',
    ]);
    expect(outcome(await user.delete(path, { 'if-match': '"3"' }))).toBe(204);
    expect(outcome(await user.get(path))).toEqual([404, 'not-found']);
  });

  it.each([
    ['a name of nothing', { name: '' }],
    ['no name', {}],
    ['a name that is no text', { name: 1 }],
    ['a name with a line break', { name: 'a\nb' }],
    ['a name of 101 characters', { name: '💥'.repeat(101) }],
    ['a field that is not known', { name: 'a', role: 'owner' }],
  ])('is not made with %s', async (_, body) => {
    expect(outcome(await ada.post('/workspaces', body))).toEqual([400, 'invalid-request']);
  });

  it('is made once by an Idempotency-Key that is sent twice', async () => {
    const key = { 'idempotency-key': uuidv7() };
    const [one, two] = [
      await ada.post('/workspaces', { name: 'Once' }, key),
      await ada.post('/workspaces', { name: 'Once' }, key),
    ];
    expect(two.body).toEqual(one.body);
  });

  describe('that is deleted', () => {
    it('must be empty of links, deleted ones included, or say who takes them', async () => {
      const [from, to] = [await make(), await make()];
      const kept = await ada.shorten({ workspaceId: from, tags: ['x'] });
      const { id: deleted, code } = await ada.shorten({ workspaceId: from });
      await ada.delete(`/links/${deleted}`);
      expect(outcome(await ada.delete(`/workspaces/${from}`))).toEqual([
        409,
        'workspace-not-empty',
      ]);
      for (const transferTo of [uuidv7(), await make(grace)]) {
        const answer = await ada.delete(`/workspaces/${from}?transferTo=${transferTo}`);
        expect(outcome(answer)).toEqual([404, 'not-found']);
      }
      const viewed = await make(grace);
      await add(viewed, ada, 'viewer', grace);
      const refused = await ada.delete(`/workspaces/${from}?transferTo=${viewed}`);
      expect(outcome(refused)).toEqual([403, 'forbidden']);
      for (const itself of [from, from.toUpperCase(), 'x']) {
        const answer = await ada.delete(`/workspaces/${from}?transferTo=${itself}`);
        expect(outcome(answer)).toEqual([400, 'invalid-request']);
      }

      expect(outcome(await ada.delete(`/workspaces/${from}?transferTo=${to}`))).toBe(204);
      const moved = await ada.get(`/links/${kept['id']}`);
      expect(moved.body).toMatchObject({ workspaceId: to, tags: ['x'] });
      expect(moved.headers.get('etag')).toBe('"2"');
      expect((await follow(servers[1]!.url, kept['code'] as string)).status).toBe(302);
      expect((await follow(servers[1]!.url, code as string)).status).toBe(410);
      expect(outcome(await ada.get(`/workspaces/${from}`))).toEqual([404, 'not-found']);
      expect(outcome(await ada.delete(`/workspaces/${to}`))).toEqual([409, 'workspace-not-empty']);
    });

    it('is not the last one that its owner has, also if both are deleted at once', async () => {
      for (let round = 0; round < 5; round += 1) {
        const user = await register();
        const second = await make(user);
        const { body } = await user.get('/workspaces');
        const ids = (body['items'] as { id: string }[]).map(({ id }) => id);
        expect(ids).toHaveLength(2);
        const outcomes = await Promise.all(
          ids.map(async (id) => outcome(await user.delete(`/workspaces/${id}`))),
        );
        expect(outcomes).toContainEqual([409, 'last-workspace']);
        expect(outcomes).toContainEqual(204);
        const left = (await user.get('/workspaces')).body['items'] as { id: string }[];
        expect(left).toHaveLength(1);
        expect([second, ...ids]).toContain(left[0]!.id);
      }
    });

    it('loses no link that is made meanwhile, through another process', async () => {
      const [from, to] = [await make(), await make()];
      await add(from, grace, 'editor');
      const making = Array.from({ length: 40 }, (_, n) =>
        grace.post('/links', { url: `${url}${n}`, workspaceId: from }),
      );
      await making[0];
      const deleted = await ada.delete(`/workspaces/${from}?transferTo=${to}`);
      expect(deleted.status).toBe(204);
      const answers = await Promise.all(making);
      const made = answers.filter(({ status }) => status === 201);
      for (const answer of answers)
        expect([201, [404, 'not-found']]).toContainEqual(outcome(answer));
      const { body } = await ada.get(`/links?limit=200&workspaceId=${to}`);
      expect((body['items'] as unknown[]).length).toBe(made.length);
    });
  });

  describe('of several owners', () => {
    let team: string;
    const both = async (
      one: () => Promise<HttpAnswer<Fields>>,
      two: () => Promise<HttpAnswer<Fields>>,
    ) => {
      const answers = await Promise.all([one(), two()]);
      return answers.map(outcome);
    };

    it.each([
      ['demote each other', 'other', 'patch', [200, [403, 'forbidden']]],
      ['remove each other', 'other', 'delete', [204, [404, 'not-found']]],
      ['demote themselves', 'self', 'patch', [200, [409, 'last-owner']]],
      ['leave', 'self', 'delete', [204, [409, 'last-owner']]],
    ] as const)('keeps one, although they %s at once', async (_, whom, how, expected) => {
      const ids = { ada: await idOf(ada), grace: await idOf(grace) };
      for (let round = 0; round < 10; round += 1) {
        team = await make();
        await add(team, grace, 'owner');
        const act = (user: TestUser, id: string) => () =>
          how === 'delete'
            ? user.delete(`/workspaces/${team}/members/${id}`)
            : user.patch(`/workspaces/${team}/members/${id}`, { role: 'viewer' });
        const outcomes = await both(
          act(ada, whom === 'self' ? ids.ada : ids.grace),
          act(grace, whom === 'self' ? ids.grace : ids.ada),
        );
        // The second of them may be told so before or behind the lock: the guard may see it first.
        expect(outcomes).toContainEqual(expected[0]);
        expect(outcomes.filter((one) => one === expected[0])).toHaveLength(1);
        expect(outcomes).toContainEqual(expected[1]);
        const stays = await Promise.all([ada, grace].map((user) => user.get('/workspaces')));
        const owned = stays.filter(({ body }) =>
          (body['items'] as Fields[]).some(({ id, role }) => id === team && role === 'owner'),
        );
        expect(owned).toHaveLength(1);
      }
    });

    it('keeps one who is not disabled', async () => {
      team = await make();
      const disabled = await register();
      await add(team, disabled, 'owner');
      const [disabledId, adaId] = [await idOf(disabled), await idOf(ada)];
      await admin.patch(`/users/${disabledId}`, { disabled: true });
      expect(outcome(await ada.delete(`/workspaces/${team}/members/${adaId}`))).toEqual([
        409,
        'last-owner',
      ]);
      const removed = await ada.delete(`/workspaces/${team}/members/${disabledId}`);
      expect(outcome(removed)).toBe(204);
    });
  });

  describe('has members', () => {
    it('who are added by their address in any case, once, and listed page by page', async () => {
      const team = await make();
      const email = await emailOf(grace);
      const path = `/workspaces/${team}/members`;
      const added = await ada.post(path, { email: ` ${email.toUpperCase()} `, role: 'viewer' });
      expect(added.status).toBe(201);
      expect(added.body).toEqual({
        userId: await idOf(grace),
        email,
        name: null,
        role: 'viewer',
        createdAt: expect.any(String),
      });
      expect((await ada.get(added.headers.get('location')!.slice('/api/v1'.length))).body).toEqual(
        added.body,
      );
      expect(outcome(await ada.post(path, { email, role: 'owner' }))).toEqual([
        409,
        'already-member',
      ]);
      const first = (await ada.get(`${path}?limit=1`)).body;
      const second = (await ada.get(`${path}?limit=1&cursor=${first['nextCursor']}`)).body;
      expect([...first['items'], ...second['items']].map(({ role }: Fields) => role)).toEqual([
        'owner',
        'viewer',
      ]);
      expect(second['nextCursor']).toBeNull();
    });

    it('are found by their address, however its domain is spelt', async () => {
      const path = `/workspaces/${await make()}/members`;
      const local = uuidv7();
      const account = { email: `${local}@bücher.example`, password: 'a'.repeat(12) };
      await (await HttpClient.connect(servers[0]!.url)).post('/api/v1/auth/register', account);
      const added = await ada.post(path, {
        email: `${local}@xn--bcher-kva.example`,
        role: 'viewer',
      });
      expect(added.body).toMatchObject({ email: account.email, role: 'viewer' });
    });

    it('but no address without an account: that needs an invitation', async () => {
      const team = await make();
      const answer = await ada.post(`/workspaces/${team}/members`, {
        email: 'nobody@example.com',
        role: 'viewer',
      });
      expect(outcome(answer)).toEqual([404, 'account-not-found']);
      expect(answer.body['detail']).toContain('/invitations');
    });

    it.each([
      ['no role', { email: 'a@example.com' }, ['/role']],
      ['no such role', { email: 'a@example.com', role: 'admin' }, ['/role']],
      ['two wrong fields', { email: 'a', role: 1 }, ['/email', '/role']],
      ['a list of roles', { email: 'a@example.com', role: ['owner'] }, ['/role']],
    ])('but not by %s', async (_, body, pointers) => {
      const answer = await ada.post(`/workspaces/${await make()}/members`, body);
      expect(outcome(answer)).toEqual([400, 'invalid-request']);
      const errors = answer.body['errors'] as { pointer: string }[];
      expect([...new Set(errors.map(({ pointer }) => pointer))]).toEqual(pointers);
    });

    it('whose changed role counts at once, in every process, and who may leave', async () => {
      const team = await make();
      await add(team, grace, 'viewer');
      const graceId = await idOf(grace);
      const write = async () =>
        outcome(await grace.post('/links', { url, workspaceId: team.toUpperCase() }));
      expect(await write()).toEqual([403, 'forbidden']);
      await ada.patch(`/workspaces/${team}/members/${graceId}`, { role: 'editor' });
      expect(await write()).toBe(201);
      const left = await grace.delete(`/workspaces/${team}/members/${graceId.toUpperCase()}`);
      expect(outcome(left)).toBe(204);
      expect(await write()).toEqual([404, 'not-found']);
      expect(await roles(team)).toEqual(['owner']);
    });
  });

  describe('has invitations', () => {
    it('that make whoever has the link a member, once', async () => {
      const team = await make();
      const made = await ada.post(`/workspaces/${team}/invitations`, { role: 'editor' });
      expect(made.status).toBe(201);
      expect(made.headers.get('cache-control')).toContain('no-store');
      const { id, token, url: link } = made.body;
      expect(new URL(link as string).pathname).toBe(`/api/v1/invitations/${token}/accept`);
      expect(Date.parse(made.body['expiresAt'] as string)).toBeCloseTo(
        Date.parse(made.body['createdAt'] as string) + 7 * 24 * 60 * 60 * 1000,
      );
      const listed = await ada.get(`/workspaces/${team}/invitations`);
      expect(listed.body['items']).toMatchObject([{ id, email: null, role: 'editor' }]);
      expect(listed.text).not.toContain(token);

      const joined = await accept(grace, token);
      expect([joined.status, joined.body]).toMatchObject([200, { id: team, role: 'editor' }]);
      expect(outcome(await accept(await register(), token))).toEqual([404, 'not-found']);
      expect((await ada.get(`/workspaces/${team}/invitations`)).body['items']).toEqual([]);
      for (const { log } of servers) expect(log).not.toContain(token);
      expect(servers[1]!.log).toContain('/api/v1/invitations/[redacted]/accept');
    });

    it('of which one of ten gets in who accept it at once, through two processes', async () => {
      const team = await make();
      const { token } = await invite(team);
      const users = await Promise.all(Array.from({ length: 10 }, (_, n) => register(n % 2)));
      const answers = await Promise.all(users.map((user) => accept(user, token)));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 404)).toHaveLength(9);
      expect((await roles(team)).toSorted()).toEqual(['editor', 'owner']);
    });

    it('for one address alone, if they name it', async () => {
      const team = await make();
      const email = await emailOf(grace);
      const { token } = await invite(team, { role: 'viewer', email: email.toUpperCase() });
      expect(outcome(await accept(await register(), token))).toEqual([403, 'forbidden']);
      expect((await accept(grace, token)).body).toMatchObject({ role: 'viewer' });
    });

    it('that are good no more once they are revoked, have expired, or were never made', async () => {
      const team = await make();
      const { id, token } = await invite(team);
      expect(outcome(await ada.delete(`/workspaces/${team}/invitations/${id}`))).toBe(204);
      expect(outcome(await ada.delete(`/workspaces/${team}/invitations/${id}`))).toEqual([
        404,
        'not-found',
      ]);
      const answers = [await accept(grace, token)];
      for (const invented of ['x', `spi_${'a'.repeat(43)}`, `${token}x`, 'spi_']) {
        answers.push(await accept(grace, invented));
      }
      for (const answer of answers) {
        expect(outcome(answer)).toEqual([404, 'not-found']);
        expect(refusal(answer)).toEqual(refusal(answers[0]!));
      }
    });

    it('that leave the role of a member alone, and stay good for somebody else', async () => {
      const team = await make();
      await add(team, grace, 'viewer');
      const { token } = await invite(team, { role: 'owner' });
      expect(outcome(await accept(grace, token))).toEqual([409, 'already-member']);
      expect((await accept(await register(), token)).status).toBe(200);
      expect((await roles(team)).toSorted()).toEqual(['owner', 'owner', 'viewer']);
    });

    it.each([
      ['no role', {}],
      ['an address that is none', { role: 'viewer', email: 'nobody' }],
      ['an address that is null', { role: 'viewer', email: null }],
    ])('but none with %s', async (_, body) => {
      const answer = await ada.post(`/workspaces/${await make()}/invitations`, body);
      expect(outcome(answer)).toEqual([400, 'invalid-request']);
    });
  });

  describe('gives and takes links', () => {
    it('if the member may write in both, together with other changes and for one version', async () => {
      const [from, to] = [await make(), await make()];
      const { id } = await ada.shorten({ workspaceId: from, title: 'One', tags: ['x'] });
      const path = `/links/${id}`;
      const late = await ada.patch(path, { workspaceId: to }, { 'if-match': '"2"' });
      expect(outcome(late)).toEqual([412, 'precondition-failed']);
      const change = { workspaceId: to.toUpperCase(), title: 'Two' };
      const moved = await ada.patch(path, change, { 'if-match': '"1"' });
      expect([moved.headers.get('etag'), moved.body]).toMatchObject([
        '"2"',
        { workspaceId: to, title: 'Two', tags: ['x'] },
      ]);
      const found = async (workspace: string) =>
        ((await ada.get(`/links?workspaceId=${workspace}&tag=x&q=two`)).body['items'] as unknown[])
          .length;
      expect([await found(from), await found(to)]).toEqual([0, 1]);
      for (const workspaceId of [null, 'x', 1]) {
        expect(outcome(await ada.patch(path, { workspaceId }))).toEqual([400, 'invalid-request']);
      }
      for (const workspaceId of [uuidv7(), await make(grace)]) {
        const answer = await ada.patch(path, { workspaceId });
        expect(outcome(answer)).toEqual([404, 'not-found']);
        expect(answer.body['errors']).toMatchObject([{ pointer: '/workspaceId' }]);
      }
      const viewed = await make(grace);
      await add(viewed, ada, 'viewer', grace);
      const refused = await ada.patch(path, { workspaceId: viewed });
      expect(outcome(refused)).toEqual([403, 'forbidden']);
    });

    it('whose clicks so far stay where they were counted, while those of the link go with it', async () => {
      const [from, to] = [await make(), await make()];
      await add(from, grace, 'viewer');
      const link = await ada.shorten({ workspaceId: from });
      const click = async (times: number) => {
        for (let n = 0; n < times; n += 1) await follow(servers[0]!.url, link['code'] as string);
      };
      await click(3);
      expect((await ada.totals(link['id'] as string, 3, 10_000))['clicks']).toBe(3);
      await ada.patch(`/links/${link['id']}`, { workspaceId: to });
      await click(2);
      expect((await ada.totals(link['id'] as string, 5, 10_000))['clicks']).toBe(5);
      const stats = async (workspace: string) => {
        const { body } = await ada.get(`/workspaces/${workspace}/stats`);
        const top = body['topLinks'] as { linkId: string; clicks: number }[];
        return [body['totals']['clicks'], top.map(({ linkId, clicks }) => [linkId, clicks])];
      };
      const after = await eventually(
        () => stats(to),
        ([clicks]) => clicks === 2,
      );
      expect(after).toEqual([2, [[link['id'], 2]]]);
      // Those who are left behind do not see a link that is not theirs any more.
      expect(await stats(from)).toEqual([3, []]);
      expect(outcome(await grace.get(`/links/${link['id']}/stats`))).toEqual([
        404,
        'link-not-found',
      ]);
    });
  });
});
