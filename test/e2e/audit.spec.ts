import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { follow, TestUser } from '../support/api.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { cleanEnvironment, signpost } from '../support/environment.js';
import type { Fields } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

const SECRET = 'one secret for both of them, 32 bytes and more';

describe('The audit trail', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let servers: TestServer[];
  let admin: TestUser;
  let ada: TestUser;
  let adaId: string;
  let team: string;

  beforeAll(async () => {
    database = await createDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const options = { databaseUrl: database.url, env: { JWT_SECRET: SECRET } };
    servers = [await startServer(options), await startServer(options)];
    admin = await TestUser.register(servers[0]!.url);
    ada = await TestUser.register(servers[0]!.url);
    adaId = (await ada.get('/auth/me')).body['id'] as string;
    team = await workspace();
  });
  afterAll(async () => {
    for (const server of servers) await server.remove();
    await client.end();
    await database.drop();
  });

  const workspace = async (name = 'Team'): Promise<string> =>
    (await ada.post('/workspaces', { name })).body['id'] as string;
  const trail = async (query = '', id = team): Promise<Fields[]> => {
    const { status, body } = await ada.get(`/workspaces/${id}/audit${query}`);
    expect([status, body]).toEqual([200, body]);
    return body['items'] as Fields[];
  };
  const history = async (id: string, user = ada): Promise<Fields[]> =>
    (await user.get(`/links/${id}/history`)).body['items'] as Fields[];
  const verify = () =>
    promisify(execFile)(process.execPath, signpost('audit:verify'), {
      env: cleanEnvironment({ DATABASE_URL: database.url, JWT_SECRET: SECRET }),
    });
  /** Somebody new in the team; by SQL, for it is not what is looked at. */
  const member = async (role: string): Promise<TestUser> => {
    const user = await TestUser.register(servers[1]!.url);
    const { body } = await user.get('/auth/me');
    await client.query(`INSERT INTO workspace_members VALUES ($1, $2, $3, now())`, [
      team,
      body['id'],
      role,
    ]);
    return user;
  };

  it('tells of a change to a link who has made it, from where, and what was before', async () => {
    const link = await ada.shorten({ workspaceId: team, title: 'Summer', tags: ['a'] });
    const id = link['id'] as string;
    const headers = { 'user-agent': 'x'.repeat(300), 'x-request-id': `audit-${randomUUID()}` };
    await ada.patch(`/links/${id}`, { title: 'Winter', tags: ['a'], maxClicks: null }, headers);
    const [updated, created] = await trail(`?targetId=${id}`);
    expect(updated).toMatchObject({
      action: 'link.updated',
      actor: { type: 'user', id: adaId, name: expect.stringMatching(/@example\.com$/) },
      targets: [{ type: 'link', id }],
      changes: { title: { from: 'Summer', to: 'Winter' } },
      context: { address: '127.0.0.0/24', userAgent: 'x'.repeat(200) },
      outcome: 'success',
    });
    expect(Object.keys(updated!['changes'] as object)).toEqual(['title']);
    expect((updated!['context'] as Fields)['requestId']).not.toBeNull();
    expect(created).toMatchObject({
      action: 'link.created',
      changes: {
        url: { from: null, to: 'https://example.com/' },
        tags: { from: null, to: ['a'] },
        code: { from: null, to: link['code'] },
      },
    });
    expect((created!['context'] as Fields)['requestId']).not.toBeNull();
  });

  it('tells of every kind of change to a link, and shows it in the history of the link', async () => {
    const other = await workspace('Other');
    const { id, code } = (await ada.shorten({ workspaceId: team })) as Record<string, string>;
    await ada.patch(`/links/${id}`, { title: 'x' });
    await ada.patch(`/links/${id}`, { workspaceId: other, title: 'y' });
    await admin.patch(`/admin/links/${code}`, { disabled: true, reason: 'Phishing' });
    await admin.patch(`/admin/links/${code}`, { disabled: false });
    await ada.delete(`/links/${id}`);
    await ada.post(`/links/${id}/restore`, { version: 2 });
    const actions = ['created', 'updated', 'moved', 'disabled', 'enabled', 'deleted', 'restored'];
    const found = await history(id!);
    expect(found.map(({ version, action }) => [version, action])).toEqual(
      actions.map((action, n) => [n + 1, `link.${action}`]).toReversed(),
    );
    expect(found.map(({ changes }) => Object.keys(changes as object).toSorted())).toEqual([
      ['deletedAt', 'title'],
      ['deletedAt'],
      ['disabledAt', 'disabledReason'],
      ['disabledAt', 'disabledReason'],
      ['title', 'workspaceId'],
      ['title'],
      'code disabled forwardPath forwardQuery redirectStatus tags trackClicks url workspaceId'.split(
        ' ',
      ),
    ]);
    expect(found[0]).toMatchObject({
      changedBy: adaId,
      changes: { title: { from: 'y', to: 'x' } },
    });
    // Both sides see the move, and only those who were there the rest.
    const there = await trail(`?targetId=${id}`, other);
    expect(there.map(({ action }) => action)).toEqual(
      actions
        .slice(2)
        .map((action) => `link.${action}`)
        .toReversed(),
    );
    expect((await trail(`?targetId=${id}`)).map(({ action }) => action)).toEqual([
      'link.moved',
      'link.updated',
      'link.created',
    ]);
  });

  it('tells once that all links of a workspace have moved to another one', async () => {
    const [from, over] = [await workspace('From'), await workspace('Over')];
    const { id } = await ada.shorten({ workspaceId: from, title: 'Before' });
    await ada.patch(`/links/${id}`, { title: 'After' });
    expect((await ada.delete(`/workspaces/${from}?transferTo=${over}`)).status).toBe(204);
    expect((await ada.delete(`/workspaces/${over}?transferTo=${team}`)).status).toBe(204);
    const [event] = await trail('?action=links.transferred');
    expect(event).toMatchObject({ changes: { workspaceId: { from: over, to: team } } });
    expect((await history(id as string)).map(({ version }) => version)).toEqual([2, 1]);
    const restored = await ada.post(`/links/${id}/restore`, { version: 1 });
    expect(restored.body).toMatchObject({ title: 'Before', workspaceId: team });
    expect(restored.headers.get('etag')).toBe('"5"');
    expect((await ada.post(`/links/${id}/restore`, { version: 3 })).body['title']).toBe('After');
  });

  it('tells of hosts that are blocked, to administrators only', async () => {
    await admin.put('/admin/blocked-hosts/evil.example', { reason: 'Malware' });
    await admin.delete('/admin/blocked-hosts/evil.example');
    const { body } = await admin.get('/audit?targetId=evil.example');
    expect((body['items'] as Fields[]).map(({ action }) => action)).toEqual([
      'host.unblocked',
      'host.blocked',
    ]);
    expect((await ada.get('/audit')).status).toBe(403);
  });

  it('is for owners of the workspace, and for keys that may read it: for others it is absent', async () => {
    const stranger = await TestUser.register(servers[0]!.url);
    const [editor, absent] = [await member('editor'), randomUUID()];
    const answers = [
      await stranger.get(`/workspaces/${team}/audit`),
      await stranger.get(`/workspaces/${absent}/audit`),
      await admin.get(`/workspaces/${team}/audit`),
    ];
    const told = answers.map(({ status, body }) => ({
      ...body,
      status,
      instance: '',
      requestId: '',
    }));
    expect([told[1], told[2]]).toEqual([told[0], told[0]]);
    expect(told[0]).toMatchObject({ status: 404, code: 'not-found' });
    expect((await editor.get(`/workspaces/${team}/audit`)).status).toBe(403);
    for (const [scope, status] of [
      ['audit:read', 200],
      ['links:write', 403],
    ] as const) {
      const { body } = await ada.post(`/workspaces/${team}/api-keys`, {
        name: 'k',
        scopes: [scope],
      });
      const answer = await ada.client.get(`/api/v1/workspaces/${team}/audit`, {
        token: body['key'] as string,
      });
      expect(answer.status).toBe(status);
    }
  });

  it('names an API key as who has made a change', async () => {
    const key = (
      await ada.post(`/workspaces/${team}/api-keys`, { name: 'Robot', scopes: ['links:write'] })
    ).body;
    const { body } = await ada.client.post(
      '/api/v1/links',
      { url: 'https://example.com/' },
      { token: key['key'] as string },
    );
    const [event] = await trail(`?targetId=${body['id']}`);
    expect(event!['actor']).toEqual({ type: 'api-key', id: key['id'], name: 'Robot' });
  });

  describe('can be searched', () => {
    let quiet: string;
    let ids: string[];

    beforeAll(async () => {
      quiet = await workspace('Quiet');
      ids = [];
      for (let n = 0; n < 5; n += 1) {
        ids.push((await ada.shorten({ workspaceId: quiet }))['id'] as string);
      }
      await ada.delete(`/links/${ids[0]}`);
    });

    it.each([
      ['link.deleted', 1],
      ['link.', 6],
      ['link.delete', 0],
      ['lin.', 0],
    ])('for the action %s', async (action, count) => {
      expect(await trail(`?action=${action}`, quiet)).toHaveLength(count);
    });

    it('by who, what and when', async () => {
      expect(await trail(`?action=link.&actorId=${adaId}`, quiet)).toHaveLength(6);
      expect(await trail(`?actorId=${randomUUID()}`, quiet)).toEqual([]);
      expect(await trail(`?targetId=${ids[0]}`, quiet)).toHaveLength(2);
      expect(await trail(`?targetId=nobody`, quiet)).toEqual([]);
      const [newest, second] = await trail('?action=link.', quiet);
      const at = newest!['occurredAt'] as string;
      expect((await trail(`?action=link.&from=${at}`, quiet))[0]).toEqual(newest);
      expect((await trail(`?action=link.&until=${at}`, quiet))[0]).toEqual(second);
    });

    it('page by page, each event once, and all at once as JSON lines', async () => {
      const seen: Fields[] = [];
      let cursor = '';
      do {
        const path = `/workspaces/${quiet}/audit?action=link.&limit=2${cursor}`;
        const { body } = await ada.get(path);
        seen.push(...(body['items'] as Fields[]));
        cursor = body['nextCursor'] === null ? '' : `&cursor=${body['nextCursor']}`;
      } while (cursor !== '');
      expect(seen).toEqual(await trail('?action=link.', quiet));
      const path = `/workspaces/${quiet}/audit?action=link.`;
      const lines = await ada.get(path, { accept: 'application/x-ndjson' });
      expect(lines.headers.get('content-type')).toBe('application/x-ndjson');
      const events = lines.text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Fields);
      expect(events).toEqual(seen);
      expect((await ada.get(`${path}&format=jsonl`)).text).toBe(lines.text);
    });

    it('with all that is wrong in the question named', async () => {
      const wrong = 'action=DROP&actorId=x&from=yesterday&until=2026-02-31T00:00:00Z&format=csv';
      const { status, body } = await ada.get(`/workspaces/${quiet}/audit?${wrong}&targetId=`);
      expect(status).toBe(400);
      const pointers = (body['errors'] as Fields[]).map(({ pointer }) => pointer as string);
      expect(new Set(pointers)).toEqual(
        new Set(['?action', '?actorId', '?from', '?until', '?format', '?targetId']),
      );
    });
  });

  it('is as it was written after changes through two processes at once, and a removed row is found', async () => {
    const made = Array.from({ length: 6 }, () => ada.shorten({ workspaceId: team }));
    const ids = (await Promise.all(made)).map(({ id }) => id as string);
    const other = await workspace('There');
    const change = (server: TestServer, id: string, changes: object) =>
      fetch(`${server.url}/api/v1/links/${id}`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${ada.token}` },
        body: JSON.stringify(changes),
      });
    await Promise.all(
      ids.flatMap((id, n) =>
        servers.flatMap((server, m) => [
          change(server, id, { title: `Title ${m}` }),
          change(server, id, { workspaceId: n % 2 ? other : team, title: `${n}` }),
        ]),
      ),
    );
    const { stdout } = await verify();
    const { rows } = await client.query<{ line: string }>(
      `SELECT concat(chain_id, ' ', length, ' ', encode(last_hash, 'hex')) AS line
       FROM audit_chains ORDER BY chain_id`,
    );
    expect(stdout.trimEnd().split('\n')).toEqual(rows.map(({ line }) => line));
    for (const id of ids) {
      const versions = (await history(id)).map(({ version }) => version);
      expect(versions).toEqual(versions.map((_, n) => versions.length - n));
    }

    await client.query('BEGIN; SET LOCAL session_replication_role = replica');
    const { rows: removed } = await client.query<{ sequence: string }>(
      `DELETE FROM audit_events WHERE id = (
         SELECT id FROM audit_events WHERE workspace_id = $1 ORDER BY sequence LIMIT 1 OFFSET 2
       ) RETURNING sequence`,
      [team],
    );
    await client.query('COMMIT');
    await expect(verify()).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`${team}: event ${removed[0]!.sequence} was removed`),
    });
  });

  it('has no event of what was refused', async () => {
    const { id } = await ada.shorten({ workspaceId: team });
    const wrong = [
      ada.patch(`/links/${id}`, {
        startsAt: '2030-01-02T00:00:00Z',
        expiresAt: '2030-01-01T00:00:00Z',
      }),
      ada.patch(`/links/${id}`, { title: 'x' }, { 'if-match': '"7"' }),
      ada.patch(`/links/${id}`, { workspaceId: randomUUID() }),
      ada.delete(`/links/${id}`, { 'if-match': '"7"' }),
      ada.post(`/links/${id}/restore`, { version: 7 }),
    ];
    for (const { status } of await Promise.all(wrong)) expect(status).toBeGreaterThanOrEqual(400);
    expect(await history(id as string)).toHaveLength(1);
  });

  it('holds neither passwords, nor tokens, nor keys, nor addresses', async () => {
    const { body } = await ada.post(`/workspaces/${team}/api-keys`, {
      name: 'Secret',
      scopes: ['links:write'],
    });
    const key = body['key'] as string;
    await ada.client.post(
      '/api/v1/links',
      { url: 'https://example.com/' },
      { token: key, headers: { 'user-agent': `robot ${key} ${ada.token}`, 'x-request-id': key } },
    );
    const { email } = (await ada.get('/auth/me')).body;
    const { rows } = await client.query<{ all: string }>(
      'SELECT coalesce(json_agg(e)::text, $1) AS all FROM audit_events e',
      [''],
    );
    const secrets = [key, ada.token, 'a'.repeat(12), SECRET, email as string, '127.0.0.1'];
    expect(secrets.filter((secret) => rows[0]!.all.includes(secret))).toEqual([]);
  });

  describe('lets a link', () => {
    it('be as it was in an older version again', async () => {
      const first = {
        url: 'https://example.com/first',
        title: 'First',
        tags: ['a', 'b'],
        redirectStatus: 307,
        startsAt: '2026-01-01T00:00:00.000Z',
        expiresAt: '2030-01-01T00:00:00.000Z',
        maxClicks: 7,
      };
      const { id, code } = await ada.shorten({ ...first, workspaceId: team });
      const second = {
        url: 'https://example.com/second',
        title: null,
        tags: [],
        redirectStatus: 302,
        startsAt: null,
        expiresAt: null,
        maxClicks: null,
      };
      await ada.patch(`/links/${id}`, second);
      await ada.patch(`/links/${id}`, { title: 'Third' });
      const restored = await ada.post(
        `/links/${id}/restore`,
        { version: 1 },
        { 'if-match': '"3"' },
      );
      expect(restored).toMatchObject({ status: 200, body: { ...first, id, code } });
      expect(restored.headers.get('etag')).toBe('"4"');
      const [redirect] = [await follow(servers[1]!.url, code as string)];
      expect([redirect.status, redirect.headers.get('location')]).toEqual([307, first.url]);
      const again = await ada.post(`/links/${id}/restore`, { version: 2 });
      expect(again.body).toMatchObject(second);
      const stale = await ada.post(`/links/${id}/restore`, { version: 1 }, { 'if-match': '"3"' });
      expect([stale.status, stale.body['code']]).toEqual([412, 'precondition-failed']);
    });

    it.each([
      ['as it was', {}],
      ['in the version before', { version: 1 }],
      ['in its last version', { version: 2 }],
    ])('be undeleted: %s', async (_how, body) => {
      const link = await ada.shorten({ workspaceId: team, title: 'Kept' });
      const id = link['id'] as string;
      await ada.delete(`/links/${id}`);
      expect((await follow(servers[1]!.url, link['code'] as string)).status).toBe(410);
      const { status, body: restored } = await ada.post(`/links/${id}/restore`, body);
      expect([status, restored['title'], restored['deletedAt']]).toEqual([200, 'Kept', null]);
      expect((await ada.get(`/links/${id}`)).status).toBe(200);
      expect((await follow(servers[0]!.url, link['code'] as string)).status).toBe(302);
    });

    it('stay as it is if it is not deleted, and no version is named', async () => {
      const { id } = await ada.shorten({ workspaceId: team, title: 'One' });
      const { status, body, headers } = await ada.post(`/links/${id}/restore`, {});
      expect([status, body['title'], headers.get('etag')]).toEqual([200, 'One', '"1"']);
      const stale = await ada.post(`/links/${id}/restore`, {}, { 'if-match': '"2"' });
      expect(stale.status).toBe(412);
    });

    it('be restored twice at once', async () => {
      const { id } = await ada.shorten({ workspaceId: team, title: 'One' });
      await ada.patch(`/links/${id}`, { title: 'Two' });
      const answers = await Promise.all(
        [1, 1, 1].map((version) => ada.post(`/links/${id}/restore`, { version })),
      );
      expect(answers.map(({ status, body }) => [status, body['title']])).toEqual(
        answers.map(() => [200, 'One']),
      );
      expect((await history(id as string)).map(({ version }) => version)).toEqual([5, 4, 3, 2, 1]);
    });

    it('stay disabled, and where it is', async () => {
      const { id, code } = await ada.shorten({ workspaceId: team });
      const other = await workspace();
      await ada.patch(`/links/${id}`, { workspaceId: other });
      await admin.patch(`/admin/links/${code}`, { disabled: true, reason: 'Phishing' });
      const { body } = await ada.post(`/links/${id}/restore`, { version: 1 });
      expect(body).toMatchObject({ workspaceId: other, disabledReason: 'Phishing' });
    });

    it('not lead to what would be refused now', async () => {
      const { id } = await ada.shorten({ workspaceId: team, url: 'https://was.example/' });
      await ada.patch(`/links/${id}`, { url: 'https://example.com/' });
      await admin.put('/admin/blocked-hosts/was.example', { reason: 'Malware' });
      const { status, body } = await ada.post(`/links/${id}/restore`, { version: 1 });
      expect([status, body['code']]).toEqual([400, 'invalid-request']);
    });

    it.each([
      ['a version to come', 2, [404, 'link-version-unknown']],
      ['what is no version', 0, [400, 'invalid-request']],
      ['half a version', 1.5, [400, 'invalid-request']],
      ['a text', '1', [400, 'invalid-request']],
      ['null', null, [400, 'invalid-request']],
    ])('not be restored to %s', async (_what, version, expected) => {
      const { id } = await ada.shorten({ workspaceId: team });
      const { status, body } = await ada.post(`/links/${id}/restore`, { version });
      expect([status, body['code']]).toEqual(expected);
    });

    it('not be restored to a version that is forgotten, nor behind a change that is not on record', async () => {
      const { id } = await ada.shorten({ workspaceId: team, title: '1' });
      for (const title of ['2', '3', '4']) await ada.patch(`/links/${id}`, { title });
      await client.query('BEGIN; SET LOCAL session_replication_role = replica');
      await client.query('DELETE FROM audit_events WHERE link_id = $1 AND link_version = 2', [id]);
      await client.query('COMMIT');
      const restore = async (version: number) =>
        (await ada.post(`/links/${id}/restore`, { version })).body;
      expect((await restore(1))['code']).toBe('link-version-unknown');
      expect((await restore(2))['title']).toBe('2');
      expect((await restore(3))['title']).toBe('3');
      // Somebody changes links past the service.
      await client.query(`UPDATE links SET title = 'x', version = version + 1 WHERE id = $1`, [id]);
      expect((await restore(3))['code']).toBe('link-version-unknown');
    });

    it('be restored by who may write there, and nobody else', async () => {
      const { id } = await ada.shorten({ workspaceId: team });
      const [viewer, editor] = [await member('viewer'), await member('editor')];
      const stranger = await TestUser.register(servers[0]!.url);
      const restore = async (user: TestUser) =>
        (await user.post(`/links/${id}/restore`, { version: 1 })).status;
      const read = async (user: TestUser) => (await user.get(`/links/${id}/history`)).status;
      const listed = async (user: TestUser) =>
        ((await user.get('/links?deleted=true')).body['items'] as Fields[]).some(
          (link) => link['id'] === id,
        );
      const all = [viewer, editor, stranger, admin];
      expect(await Promise.all(all.map(restore))).toEqual([403, 200, 404, 404]);
      expect(await Promise.all(all.map(read))).toEqual([200, 200, 404, 404]);
      await ada.delete(`/links/${id}`);
      expect(await Promise.all(all.map(read))).toEqual([404, 200, 404, 404]);
      expect(await Promise.all(all.map(listed))).toEqual([false, true, false, false]);
      expect(await Promise.all(all.map(restore))).toEqual([404, 200, 404, 404]);
    });
  });

  it('lists deleted links, and no others, page by page', async () => {
    const place = await workspace('Deleted');
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      ids.push((await ada.shorten({ workspaceId: place, title: `Number ${n}` }))['id'] as string);
    }
    for (const id of ids.slice(1)) await ada.delete(`/links/${id}`);
    const list = async (query: string) =>
      (await ada.get(`/links?workspaceId=${place}&${query}`)).body as { items: Fields[] } & Fields;
    const { items, nextCursor } = await list('deleted=true&limit=3');
    const { items: rest } = await list(`deleted=true&limit=3&cursor=${nextCursor}`);
    expect([...items, ...rest].map((link) => link['id'])).toEqual(ids.slice(1).toReversed());
    expect(items[0]!['deletedAt']).toMatch(/^2\d{3}-/);
    expect((await list('deleted=false')).items.map((link) => link['id'])).toEqual([ids[0]]);
    expect((await list('')).items[0]!['deletedAt']).toBeNull();
    expect((await list('deleted=true&q=number 2')).items.map((link) => link['id'])).toEqual([
      ids[2],
    ]);
    expect((await ada.get('/links?deleted=yes')).status).toBe(400);
  });
});
