import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { eventually, follow } from '../support/api.js';
import { type Fields, HttpClient } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

const PASSWORD = 'correct horse battery staple';

interface Person {
  id: string;
  email: string;
  token: string;
}

/** Served by two processes, so that what one of them deletes must be gone for the other. */
describe('My account', () => {
  let first: TestServer;
  let second: TestServer;
  let one: HttpClient;
  let two: HttpClient;
  let database: pg.Client;
  let administrator: Person;

  beforeAll(async () => {
    first = await startServer();
    const { databaseUrl, jwtSecret } = first;
    second = await startServer({ databaseUrl, env: { JWT_SECRET: jwtSecret } });
    one = await HttpClient.connect(first.url);
    two = await HttpClient.connect(second.url);
    database = new pg.Client({ connectionString: databaseUrl });
    await database.connect();
    administrator = await register();
  });
  afterAll(async () => {
    await database.end();
    await second.remove();
    await first.remove();
  });

  async function register(email = `${randomUUID()}@example.com`): Promise<Person> {
    const { body } = await one.post('/api/v1/auth/register', { email, password: PASSWORD });
    return { id: body['user'].id, email, token: body['accessToken'] };
  }
  const shorten = async ({ token }: Person, link: object = {}): Promise<Fields> =>
    (await one.post('/api/v1/links', { url: 'https://example.com/', ...link }, { token })).body;
  const end = ({ token }: Person, password: unknown = PASSWORD, client = one) =>
    client.request('DELETE', '/api/v1/auth/me', { password }, { token });
  const knows = async ({ token }: Person): Promise<boolean> =>
    (await two.get('/api/v1/auth/me', { token })).status === 200;
  const exported = ({ token }: Person) => one.get('/api/v1/auth/me/export', { token });
  /** What a visitor gets of both processes, once they agree. */
  const visited = async (code: string): Promise<number> => {
    const ask = async () => [
      (await follow(first.url, code)).status,
      (await follow(second.url, code)).status,
    ];
    const [status, other] = await eventually(ask, ([a, b]) => a === b);
    expect(other).toBe(status);
    return status!;
  };
  /** The workspace of the first, with the others as members. */
  async function team(owner: Person, ...members: [Person, string][]): Promise<string> {
    const { workspaceId } = await shorten(owner);
    await database.query('UPDATE workspaces SET name = $2 WHERE id = $1', [workspaceId, 'Team']);
    for (const [{ id }, role] of members) {
      await database.query('INSERT INTO workspace_members VALUES ($1, $2, $3, now())', [
        workspaceId,
        id,
        role,
      ]);
    }
    return workspaceId as string;
  }

  it('can be downloaded, with all that is mine and nothing that is secret or of others', async () => {
    const [ada, bob] = [await register(), await register()];
    const shared = await team(bob, [ada, 'editor']);
    const own = await shorten(ada, { title: 'Mine', tags: ['a'] });
    const made = await shorten(ada, { workspaceId: shared });
    const former = await team(await register(), [ada, 'editor']);
    await shorten(ada, { workspaceId: former });
    await database.query('DELETE FROM workspace_members WHERE workspace_id = $1 AND user_id = $2', [
      former,
      ada.id,
    ]);
    const { status, headers, body, text } = await exported(ada);
    expect([status, headers.get('content-disposition')]).toEqual([
      200,
      'attachment; filename="signpost-account.json"',
    ]);
    expect(body).toMatchObject({
      account: { id: ada.id, email: ada.email },
      memberships: [
        { workspaceId: shared, name: 'Team', role: 'editor' },
        { workspaceId: own['workspaceId'], name: ada.email, role: 'owner' },
      ].toSorted((a, b) => (a.workspaceId < b.workspaceId ? -1 : 1)),
      sessions: [{ network: '127.0.0.0/24' }],
    });
    const links = body['links'] as Fields[];
    expect(links.map(({ id }) => id)).toEqual([own['id'], made['id']]);
    expect(links[0]).toMatchObject({ title: 'Mine', tags: ['a'], url: 'https://example.com/' });
    expect(text).not.toMatch(/password|hash|token|salt/i);
    expect(text).not.toContain(bob.email);
  });

  it('can be downloaded with more links than are read at once, and with none', async () => {
    const ada = await register();
    expect((await exported(ada)).body['links']).toEqual([]);
    const { workspaceId } = await shorten(ada);
    await database.query(
      `INSERT INTO links (id, workspace_id, created_by, code, url)
       SELECT gen_random_uuid(), $1, $2, 'export-' || n, 'https://example.com/' || n
       FROM generate_series(1, 399) n`,
      [workspaceId, ada.id],
    );
    const links = (await exported(ada)).body['links'] as Fields[];
    expect(new Set(links.map(({ id }) => id)).size).toBe(400);
  });

  it('is deleted with the workspaces that only I belong to: their codes stay taken and answer 410', async () => {
    const [ada, bob] = [await register(), await register()];
    const { code, id } = await shorten(ada, {
      url: 'https://private.example/ada',
      title: 'My secret plan',
      tags: ['plan'],
    });
    const gone = await shorten(ada, { url: 'https://private.example/deleted' });
    await one.delete(`/api/v1/links/${gone['id']}`, { token: ada.token });
    expect(await visited(code as string)).toBe(302);

    expect((await end(ada)).status).toBe(204);
    expect(await knows(ada)).toBe(false);
    const login = await two.post('/api/v1/auth/login', { email: ada.email, password: PASSWORD });
    expect([login.status, login.body['code']]).toEqual([401, 'invalid-credentials']);
    expect([await visited(code as string), await visited(gone['code'] as string)]).toEqual([
      410, 410,
    ]);
    const again = { url: 'https://example.com/', code };
    const taken = await one.post('/api/v1/links', again, { token: bob.token });
    expect([taken.status, taken.body['code']]).toEqual([409, 'code-taken']);

    expect(await everythingStored()).not.toMatch(/private\.example|My secret plan/);
    expect(await everythingStored()).not.toContain(ada.email);
    const successor = await register(ada.email);
    expect((await one.get(`/api/v1/links/${id}`, { token: successor.token })).status).toBe(404);
  });

  it('leaves its links to workspaces that others own', async () => {
    const [ada, bob] = [await register(), await register()];
    const workspaceId = await team(ada, [bob, 'owner']);
    const { id, code } = await shorten(ada, { workspaceId });
    expect((await end(ada)).status).toBe(204);
    const { body } = await two.get(`/api/v1/links/${id}`, { token: bob.token });
    expect(body).toMatchObject({ workspaceId, createdBy: null });
    expect(await visited(code as string)).toBe(302);
  });

  it('is not deleted while others would be left without an owner', async () => {
    const [ada, bob] = [await register(), await register()];
    const workspaceId = await team(ada, [bob, 'editor']);
    const { code } = await shorten(ada);
    const { status, body } = await end(ada);
    expect([status, body['code']]).toEqual([409, 'last-owner']);
    expect(body['detail']).toContain('"Team"');
    expect([await knows(ada), await visited(code as string)]).toEqual([true, 302]);
    await database.query(`UPDATE workspace_members SET role = 'owner' WHERE workspace_id = $1`, [
      workspaceId,
    ]);
    expect((await end(ada)).status).toBe(204);
  });

  it('is not deleted by all of its owners at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [ada, bob, eve] = [await register(), await register(), await register()];
      await team(ada, [bob, 'owner'], [eve, 'viewer']);
      const answers = await Promise.all([end(ada), end(bob, PASSWORD, two)]);
      const codes = answers.map(({ status, body }) => (body?.['code'] as string) ?? status);
      expect(codes).toEqual(expect.arrayContaining([204, 'last-owner']));
    }
  });

  it('is not deleted if it is the last administrator', async () => {
    const { status, body } = await end(administrator);
    expect([status, body['code']]).toEqual([409, 'last-administrator']);
    expect(await knows(administrator)).toBe(true);
  });

  it.each([
    ['the wrong password', `${PASSWORD}!`, 'wrong-password'],
    ['none', undefined, 'invalid-request'],
    ['an empty one', '', 'invalid-request'],
    ['one of 73 bytes', 'x'.repeat(73), 'invalid-request'],
    ['null', null, 'invalid-request'],
    ['a list', [PASSWORD], 'invalid-request'],
    ['a NUL', '\0', 'invalid-request'],
  ])('is not deleted for %s', async (_name, password, code) => {
    const ada = await register();
    const sent = { token: ada.token };
    const { body } = await one.request('DELETE', '/api/v1/auth/me', { password }, sent);
    expect(body['code']).toBe(code);
    expect(await knows(ada)).toBe(true);
  });

  it('is not deleted without a body', async () => {
    const ada = await register();
    expect((await one.delete('/api/v1/auth/me', { token: ada.token })).status).toBe(400);
    expect(await knows(ada)).toBe(true);
  });

  it('takes the links along into the dark that an administrator has disabled with it', async () => {
    const [eve, bob] = [await register(), await register()];
    const workspaceId = await team(bob, [eve, 'editor']);
    const { id, code } = await shorten(eve, { workspaceId });
    const path = `/api/v1/users/${eve.id}`;
    await one.patch(path, { linksDisabled: true }, { token: administrator.token });
    expect(await visited(code as string)).toBe(410);
    expect((await end(eve)).status).toBe(204);
    const { body } = await two.get(`/api/v1/links/${id}`, { token: bob.token });
    expect(body).toMatchObject({ createdBy: null, disabledReason: expect.any(String) });
    // Whoever remembers something else has forgotten it by then.
    const changed = { title: 'Asked for anew' };
    await two.patch(`/api/v1/links/${id}`, changed, { token: bob.token });
    expect(await visited(code as string)).toBe(410);
  });

  it('leaves no link that redirects when links are made while it is deleted', async () => {
    for (let round = 0; round < 3; round += 1) {
      const ada = await register();
      const make = (client: HttpClient) =>
        client.post('/api/v1/links', { url: 'https://example.com/' }, { token: ada.token });
      const before = [make(one), make(two), make(one)];
      const ended = end(ada);
      const made = await Promise.all([...before, make(two), make(one), make(two), make(one)]);
      expect((await ended).status).toBe(204);
      const kept = made.filter(({ status }) => status === 201);
      for (const { status } of made) expect([201, 401, 403, 404]).toContain(status);
      for (const { body } of kept) expect(await visited(body['code'] as string)).toBe(410);
    }
    const { rows } = await database.query(
      `SELECT FROM links WHERE deleted_at IS NULL AND NOT EXISTS
         (SELECT FROM workspace_members m WHERE m.workspace_id = links.workspace_id)`,
    );
    expect(rows).toEqual([]);
  });

  /** Every row of every table, as text. */
  async function everythingStored(): Promise<string> {
    const { rows: tables } = await database.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
    );
    const texts: string[] = [];
    for (const { name } of tables) {
      const { rows } = await database.query<{ row: string }>(
        `SELECT row_to_json(t)::text AS row FROM "${name}" t`,
      );
      texts.push(...rows.map(({ row }) => row));
    }
    return texts.join('\n');
  }
});
