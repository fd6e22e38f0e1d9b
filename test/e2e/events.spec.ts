import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { eventually, follow, TestUser } from '../support/api.js';
import type { Fields } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

describe('The feed of events', () => {
  let server: TestServer;
  /** Another process on the same database. */
  let other: TestServer;
  let ada: TestUser;
  let workspace: string;
  let database: pg.Client;

  beforeAll(async () => {
    server = await startServer();
    other = await startServer({
      databaseUrl: server.databaseUrl!,
      env: { JWT_SECRET: server.jwtSecret },
    });
    database = new pg.Client({ connectionString: server.databaseUrl });
    await database.connect();
  });
  afterAll(async () => {
    await database.end();
    await other.remove();
    await server.remove();
  });
  beforeEach(async () => {
    ada = await TestUser.register(server.url);
    workspace = (await ada.get('/workspaces')).body['items'][0].id;
  });

  const read = async (query = '', of = workspace) =>
    (await ada.get(`/workspaces/${of}/events${query}`)).body as { items: Fields[] } & Fields;
  const types = ({ items }: { items: Fields[] }) => items.map(({ type }) => type as string);

  it('has what happened, in order, a page at a time', async () => {
    const link = await ada.shorten({ title: 'Summer' });
    await ada.patch(`/links/${link['id']}`, { title: 'Autumn', tags: ['x'] });
    await ada.delete(`/links/${link['id']}`);
    await ada.post(`/links/${link['id']}/restore`, {});
    const { clicks: _, ...shown } = link;
    const all = await read();
    expect(all.nextCursor).toBeNull();
    expect(all.items).toMatchObject([
      { type: 'link.created', data: { link: shown, version: 1, changed: [] } },
      { type: 'link.updated', data: { version: 2, changed: ['title', 'tags'] } },
      { type: 'link.deleted', data: { version: 3, changed: ['deletedAt'] } },
      { type: 'link.updated', data: { link: { deletedAt: null }, changed: ['deletedAt'] } },
    ]);
    const first = await read('?limit=3');
    expect(first.items).toEqual(all.items.slice(0, 3));
    expect(first.nextCursor).toBe(all.items[2]!['id']);
    expect((await read(`?after=${first.nextCursor}`)).items).toEqual(all.items.slice(3));
    expect((await read(`?after=${all.items[3]!['id']}`)).items).toEqual([]);
    expect(types(await read('?type=link.deleted'))).toEqual(['link.deleted']);
    expect((await read(`?type=link.deleted&after=${all.items[2]!['id']}`)).items).toEqual([]);
  });

  it('says nothing of a change that came to nothing', async () => {
    const link = await ada.shorten();
    expect((await ada.patch(`/links/${link['id']}`, {}, { 'if-match': '"9"' })).status).toBe(412);
    expect((await ada.post('/links', { url: 'x', code: link['code'] })).status).toBe(400);
    expect(
      (await ada.post('/links', { url: 'https://a.example/', code: link['code'] })).status,
    ).toBe(409);
    expect(types(await read())).toEqual(['link.created']);
  });

  it('tells both workspaces that a link has moved, each what it may know', async () => {
    const team = (await ada.post('/workspaces', { name: 'Team' })).body['id'] as string;
    const link = await ada.shorten({ title: 'Known' });
    await ada.patch(`/links/${link['id']}`, { workspaceId: team, title: 'Only there' });
    const [, left] = (await read()).items;
    expect(left).toMatchObject({
      type: 'link.updated',
      data: { link: { title: 'Known', workspaceId: team }, changed: ['workspaceId'] },
    });
    const [come] = (await read('', team)).items;
    expect(come).toMatchObject({
      type: 'link.updated',
      data: { link: { title: 'Only there' }, changed: ['title', 'workspaceId'] },
    });
  });

  it('tells that a takedown and a transfer of all links have changed them', async () => {
    const team = (await ada.post('/workspaces', { name: 'Team' })).body['id'] as string;
    const admin = await TestUser.register(server.url);
    await database.query(`UPDATE users SET role = 'admin' WHERE id = $1`, [
      (await admin.get('/auth/me')).body['id'],
    ]);
    const link = await ada.shorten({ workspaceId: team });
    const takedown = { disabled: true, reason: 'Phishing' };
    expect((await admin.patch(`/admin/links/${link['code']}`, takedown)).status).toBe(200);
    const [, taken] = (await read('', team)).items;
    expect(taken).toMatchObject({
      type: 'link.updated',
      data: { link: { disabledReason: 'Phishing' }, changed: ['disabledAt', 'disabledReason'] },
    });
    expect(taken!['data'].link).not.toHaveProperty('disabledBy');
    await ada.delete(`/workspaces/${team}?transferTo=${workspace}`);
    expect((await read()).items).toMatchObject([
      { type: 'links.transferred', data: { from: team } },
    ]);
    expect((await ada.get(`/workspaces/${team}/events`)).status).toBe(404);
  });

  it('has no gap for who reads while many write in two processes', async () => {
    const writers = [server, other].flatMap(({ url }) =>
      Array.from({ length: 4 }, async () => {
        for (let count = 0; count < 10; count += 1) {
          const answer = await fetch(`${url}/api/v1/links`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', authorization: `Bearer ${ada.token}` },
            body: JSON.stringify({ url: 'https://example.com/' }),
          });
          expect(answer.status).toBe(201);
        }
      }),
    );
    const state = { isWriting: true };
    const written = Promise.all(writers).finally(() => {
      state.isWriting = false;
    });
    const seen: string[] = [];
    const readOn = async () => {
      const after = seen.length > 0 ? `&after=${seen.at(-1)}` : '';
      const { items } = await read(`?limit=7${after}`);
      seen.push(...items.map(({ id }) => id as string));
      return items.length;
    };
    while (state.isWriting) await readOn();
    await written;
    while ((await readOn()) > 0);
    const all = [...(await read('?limit=200')).items].map(({ id }) => id as string);
    expect(all).toHaveLength(80);
    expect(seen).toEqual(all);
  });

  it('tells once that a link has expired, and again when it has expired again', async () => {
    const soon = (ms: number) => new Date(Date.now() + ms).toISOString();
    const link = await ada.shorten({ expiresAt: soon(500) });
    await ada.shorten({ expiresAt: soon(3_600_000) });
    const deleted = await ada.shorten({ expiresAt: soon(500) });
    await ada.delete(`/links/${deleted['id']}`);
    const ends = () => read('?type=link.expired');
    expect((await eventually(ends, ({ items }) => items.length > 0, 10_000)).items).toMatchObject([
      { data: { link: { id: link['id'], expiresAt: link['expiresAt'] }, changed: [] } },
    ]);
    await ada.patch(`/links/${link['id']}`, { title: 'Expired' });
    const again = soon(-1_000);
    await ada.patch(`/links/${link['id']}`, { expiresAt: again });
    const { items } = await eventually(ends, (feed) => feed.items.length > 1, 10_000);
    expect(items).toMatchObject([{}, { data: { link: { expiresAt: again, title: 'Expired' } } }]);
  });

  it('tells once that a link has spent its clicks, and again when it has spent more', async () => {
    const link = await ada.shorten({ maxClicks: 2 });
    const visit = async () => (await follow(server.url, link['code'] as string)).status;
    expect([await visit(), await visit(), await visit()]).toEqual([302, 302, 410]);
    const ends = () => read('?type=link.spent');
    const first = await eventually(ends, ({ items }) => items.length > 0, 10_000);
    expect(first.items).toMatchObject([{ data: { link: { id: link['id'], maxClicks: 2 } } }]);
    await ada.patch(`/links/${link['id']}`, { maxClicks: 3 });
    await eventually(visit, (status) => status === 410);
    const second = await eventually(ends, ({ items }) => items.length > 1, 10_000);
    expect(second.items).toMatchObject([{}, { data: { link: { maxClicks: 3 } } }]);
  });

  it('tells of each click once, from when a webhook wants to hear of clicks', async () => {
    const link = await ada.shorten();
    const visit = (agent?: string) =>
      follow(server.url, link['code'] as string, agent ? { 'user-agent': agent } : {});
    await visit();
    await ada.totals(link['id'] as string, 1);
    const { status } = await ada.post(`/workspaces/${workspace}/webhooks`, {
      url: 'http://127.0.0.1:9/',
      events: ['clicks.batch'],
    });
    expect(status).toBe(201);
    const told = async (clicks: number) => {
      await database.query(`UPDATE click_batches SET told_until = now() - interval '1 minute'`);
      const find = () => read('?type=clicks.batch');
      const sum = (feed: { items: Fields[] }) =>
        feed.items.flatMap(({ data }) => data.links as Fields[]);
      const feed = await eventually(
        find,
        (found) => sum(found).reduce((total, one) => total + one['clicks'], 0) >= clicks,
        10_000,
      );
      return sum(feed);
    };
    await visit();
    await visit('Googlebot/2.1 (+http://www.google.com/bot.html)');
    await ada.totals(link['id'] as string, 3);
    expect(await told(2)).toEqual([{ linkId: link['id'], clicks: 2, humans: 1, bots: 1 }]);
    await visit();
    await ada.totals(link['id'] as string, 4);
    expect((await told(3)).at(-1)).toEqual({ linkId: link['id'], clicks: 1, humans: 1, bots: 0 });
    // After a deletion it is counted from 0 again, and told from the first click on.
    const deleted = await ada.delete(`/links/${link['id']}/clicks`);
    expect(deleted.status).toBe(204);
    await visit();
    await ada.totals(link['id'] as string, 1);
    expect((await told(4)).at(-1)).toEqual({ linkId: link['id'], clicks: 1, humans: 1, bots: 0 });
  });

  it('says so when it does not go back so far any more', async () => {
    await ada.shorten();
    const [{ id } = {}] = (await read()).items;
    const ask = async (after: string) => {
      const { status, body } = await ada.get(`/workspaces/${workspace}/events?after=${after}`);
      return [status, body['code']];
    };
    // The last one that was deleted is where it goes on; nothing was missed.
    await database.query(
      `WITH purged AS (DELETE FROM events WHERE id = $1 RETURNING workspace_id, sequence)
       UPDATE event_feeds SET purged = sequence, purged_id = $1 FROM purged
       WHERE event_feeds.workspace_id = purged.workspace_id`,
      [id],
    );
    await ada.shorten();
    expect((await read(`?after=${id}`)).items).toHaveLength(1);
    expect(await ask('01900000-0000-7000-8000-000000000000')).toEqual([410, 'events-gone']);
    expect(await ask('ffffffff-0000-7000-8000-000000000000')).toEqual([400, 'invalid-request']);
    expect(await ask('yesterday')).toEqual([400, 'invalid-request']);
    const bob = await TestUser.register(server.url);
    expect((await bob.get(`/workspaces/${workspace}/events`)).status).toBe(404);
  });
});
