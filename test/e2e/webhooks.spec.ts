import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { Webhook } from 'standardwebhooks';
import { SecretBox } from '../../src/common/secret-box.js';
import { eventually, TestUser } from '../support/api.js';
import type { Fields } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';
import { type ReceivedWebhook, WebhookReceiver } from '../support/webhook-receiver.js';

const LINK_EVENTS = ['link.created', 'link.updated', 'link.deleted'];

describe('Webhooks', () => {
  let server: TestServer;
  let ada: TestUser;
  let database: pg.Client;
  let receiver: WebhookReceiver;
  let workspace: string;

  beforeAll(async () => {
    server = await startServer();
    database = new pg.Client({ connectionString: server.databaseUrl });
    await database.connect();
  });
  afterAll(async () => {
    await database.end();
    await server.remove();
  });
  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
    ada = await TestUser.register(server.url);
    workspace = (await ada.get('/workspaces')).body['items'][0].id;
  });
  afterEach(() => receiver.close());

  const path = (more = '') => `/workspaces/${workspace}/webhooks${more}`;
  async function subscribe(events = LINK_EVENTS): Promise<Fields> {
    const { status, body } = await ada.post(path(), { url: receiver.url, events });
    expect(status).toBe(201);
    return body;
  }
  const log = async ({ id }: Fields) =>
    (await ada.get(path(`/${id}/deliveries`))).body['items'] as Fields[];
  /** Lets the next try of all deliveries be due now. */
  const hurry = () =>
    database.query('UPDATE webhook_deliveries SET next_try_at = now() WHERE next_try_at > now()');
  const verify = (secret: string, { text, headers }: ReceivedWebhook) =>
    new Webhook(secret).verify(text, headers as Record<string, string>);

  it('are sent what happens to links, signed as Standard Webhooks says', async () => {
    const { secret } = await subscribe();
    const link = await ada.shorten({ title: 'Summer' });
    await ada.patch(`/links/${link['id']}`, { title: 'Autumn' });
    await ada.delete(`/links/${link['id']}`);
    const received = (await receiver.wait(3)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    for (const webhook of received) {
      expect(verify(secret, webhook)).toEqual(webhook.body);
      expect(webhook.headers).toMatchObject({
        'content-type': 'application/json',
        'user-agent': expect.stringMatching(/^Signpost\//),
        'webhook-timestamp': expect.stringMatching(/^\d{10}$/),
        'webhook-signature': expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/),
      });
    }
    const { clicks: _, ...shown } = link;
    expect(received.map(({ body }) => body)).toMatchObject([
      { type: 'link.created', data: { link: shown, version: 1, changed: [] } },
      { type: 'link.updated', data: { link: { title: 'Autumn' }, version: 2, changed: ['title'] } },
      { type: 'link.deleted', data: { link: { id: link['id'] }, changed: ['deletedAt'] } },
    ]);
    expect(Object.keys(received[0]!.body)).toEqual(['type', 'timestamp', 'data']);
    expect(Date.parse(received[0]!.body['timestamp'])).toBeLessThanOrEqual(Date.now());
  });

  it('are sent only what they want to hear', async () => {
    await subscribe(['link.deleted']);
    const link = await ada.shorten();
    await ada.delete(`/links/${link['id']}`);
    await receiver.wait(1);
    expect(receiver.received.map(({ body }) => body['type'])).toEqual(['link.deleted']);
  });

  it('show their secret once, and nobody finds it in the database', async () => {
    const webhook = await subscribe();
    expect(webhook['secret']).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const { status, body } = await ada.get(path(`/${webhook['id']}`));
    expect(status).toBe(200);
    expect(body).not.toHaveProperty('secret');
    expect((await ada.get(path())).text).not.toContain('whsec_');
    const { rows } = await database.query('SELECT secret FROM webhooks WHERE id = $1', [
      webhook['id'],
    ]);
    const key = Buffer.from(webhook['secret'].slice('whsec_'.length), 'base64');
    expect(rows[0].secret.includes(key)).toBe(false);
    expect(rows[0].secret.includes(webhook['secret'])).toBe(false);
    expect(server.log).not.toContain(webhook['secret']);
  });

  it('outlive a change of JWT_SECRET, after which the old one can go', async () => {
    const { id, secret } = await subscribe();
    const jwtSecret = 'x'.repeat(40);
    const other = await startServer({
      databaseUrl: server.databaseUrl!,
      env: { JWT_SECRET: jwtSecret, JWT_PREVIOUS_SECRETS: server.jwtSecret },
    });
    const box = new SecretBox('webhooks/secret', jwtSecret);
    const read = async () => {
      const { rows } = await database.query('SELECT secret FROM webhooks WHERE id = $1', [id]);
      return box.open(id as string, rows[0].secret as Buffer);
    };
    expect(await eventually(read, (opened) => opened !== undefined, 10_000)).toBe(secret);
    await server.stop();
    await fetch(`${other.url}/api/v1/links`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${ada.token}` },
      body: JSON.stringify({ url: 'https://example.com/' }),
    });
    const [received] = await receiver.wait(1);
    expect(verify(secret as string, received!)).toEqual(received!.body);
    await other.remove();
    await server.start();
  });

  it('are signed by the old secret and the new one for a day after a rotation', async () => {
    const webhook = await subscribe();
    const rotated = await ada.post(path(`/${webhook['id']}/rotate-secret`), undefined);
    expect(rotated.status).toBe(200);
    await ada.shorten();
    const [first] = await receiver.wait(1);
    expect(first!.headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/);
    expect(verify(webhook['secret'], first!)).toEqual(first!.body);
    expect(verify(rotated.body['secret'], first!)).toEqual(first!.body);
    await database.query(
      `UPDATE webhooks SET previous_secret_until = now() - interval '1 s' WHERE id = $1`,
      [webhook['id']],
    );
    await ada.shorten();
    const [, second] = await receiver.wait(2);
    expect(verify(rotated.body['secret'], second!)).toEqual(second!.body);
    expect(() => verify(webhook['secret'], second!)).toThrow();
  });

  it.each([
    [500, 'an error'],
    [301, 'a redirect, which is not followed'],
    [404, 'not found'],
    [429, 'too many'],
  ])('are tried again after %d, %s, with the same id and a new time', async (status) => {
    const webhook = await subscribe();
    receiver.answer = (_, response) => {
      const isFirst = receiver.received.length === 1;
      response.writeHead(isFirst ? status : 200, { location: '/elsewhere' }).end('so it is');
    };
    await ada.shorten();
    await receiver.wait(1);
    const [failed] = await eventually(
      () => log(webhook),
      ([one]) => one?.['attempts'].length > 0,
    );
    expect(failed).toMatchObject({ status: 'pending', attempts: [{ status, answer: 'so it is' }] });
    const wait = Date.parse(failed!['nextTryAt']) - Date.parse(failed!['attempts'][0].at);
    expect(wait).toBeGreaterThanOrEqual(5_000);
    expect(wait).toBeLessThan(8_000);
    await hurry();
    const [first, second] = await receiver.wait(2);
    expect(second!.id).toBe(first!.id);
    expect(second!.text).toBe(first!.text);
    const [done] = await eventually(
      () => log(webhook),
      ([one]) => one?.['status'] === 'succeeded',
    );
    expect(done).toMatchObject({ nextTryAt: null, attempts: [{ status }, { status: 200 }] });
  });

  it('wait as long as the receiver asks for', async () => {
    const webhook = await subscribe();
    receiver.answer = (_, response) => response.writeHead(503, { 'retry-after': '3600' }).end();
    await ada.shorten();
    const [one] = await eventually(
      () => log(webhook),
      ([each]) => each?.['attempts'].length > 0,
    );
    const wait = Date.parse(one!['nextTryAt']) - Date.now();
    expect(wait).toBeGreaterThan(3_590_000);
    expect(wait).toBeLessThan(1.11 * 3_600_000);
  });

  it('are disabled by 410, on record, until somebody enables them', async () => {
    const webhook = await subscribe();
    receiver.answer = (_, response) => response.writeHead(410).end();
    await ada.shorten();
    const read = async () => (await ada.get(path(`/${webhook['id']}`))).body;
    const gone = await eventually(read, ({ disabled }) => disabled as boolean);
    expect(gone).toMatchObject({ disabled: true, disabledReason: 'gone' });
    expect(await log(webhook)).toMatchObject([{ status: 'failed', nextTryAt: null }]);
    const trail = await ada.get(`/workspaces/${workspace}/audit?action=webhook.disabled`);
    expect(trail.body['items']).toMatchObject([
      { actor: { type: 'system' }, targets: [{ type: 'webhook', id: webhook['id'] }] },
    ]);
    for (const action of ['test', `deliveries/${receiver.received[0]!.id}/retry`]) {
      const refused = await ada.post(path(`/${webhook['id']}/${action}`), undefined);
      expect([refused.status, refused.body['code']]).toEqual([409, 'webhook-disabled']);
    }
    await ada.shorten();
    receiver.answer = (_, response) => response.writeHead(200).end();
    const enabled = await ada.patch(path(`/${webhook['id']}`), { disabled: false });
    expect(enabled.body).toMatchObject({ disabled: false, disabledReason: null });
    const link = await ada.shorten();
    const received = await receiver.wait(2);
    expect(received[1]!.body['data'].link.id).toBe(link['id']);
  });

  it('are disabled after the tenth try, if nothing was taken for days', async () => {
    const webhook = await subscribe();
    receiver.answer = (_, response) => response.writeHead(500).end();
    await ada.shorten();
    await eventually(
      () => log(webhook),
      ([one]) => one?.['attempts'].length > 0,
    );
    await database.query(
      `UPDATE webhook_deliveries SET tries = 9, next_try_at = now() WHERE webhook_id = $1`,
      [webhook['id']],
    );
    await receiver.wait(2);
    const read = async () => (await ada.get(path(`/${webhook['id']}`))).body;
    const failing = await eventually(read, ({ disabled }) => disabled as boolean);
    expect(failing).toMatchObject({ disabledReason: 'failing' });
    expect(await log(webhook)).toMatchObject([{ status: 'failed' }]);
  });

  it('can be tested, and the result is in the log', async () => {
    const webhook = await subscribe();
    receiver.answer = (_, response) => response.writeHead(500).end('no\u0000 \u001bgood');
    const tested = await ada.post(path(`/${webhook['id']}/test`), undefined);
    expect(tested.status).toBe(202);
    expect(tested.body).toMatchObject({ type: 'webhook.test' });
    const [received] = await receiver.wait(1);
    expect(verify(webhook['secret'], received!)).toMatchObject({
      type: 'webhook.test',
      data: { webhookId: webhook['id'] },
    });
    const location = tested.headers.get('location')!.replace('/api/v1', '');
    const read = async () => (await ada.get(location)).body;
    const result = await eventually(read, ({ status }) => status !== 'pending');
    expect(result).toMatchObject({
      eventId: received!.id,
      status: 'failed',
      nextTryAt: null,
      attempts: [{ status: 500, error: null, answer: 'no good' }],
    });
  });

  it('say why nobody has answered, and nothing more of the network', async () => {
    const webhook = await subscribe();
    await receiver.close();
    await ada.post(path(`/${webhook['id']}/test`), undefined);
    const [failed] = await eventually(
      () => log(webhook),
      ([one]) => one?.['status'] === 'failed',
    );
    expect(failed!['attempts']).toMatchObject([
      { status: null, error: 'could not be reached', answer: null },
    ]);
    receiver = await WebhookReceiver.start();
  });

  it('can be told again: one event, or all of a time, with the ids that they had', async () => {
    const before = await ada.shorten();
    const from = before['createdAt'] as string;
    const webhook = await subscribe();
    await ada.shorten();
    const [told] = await receiver.wait(1);
    const again = await ada.post(path(`/${webhook['id']}/deliveries/${told!.id}/retry`), undefined);
    expect(again.status).toBe(202);
    expect((await receiver.wait(2)).map(({ id }) => id)).toEqual([told!.id, told!.id]);
    await eventually(
      () => log(webhook),
      ([one]) => one?.['status'] === 'succeeded',
    );
    const replayed = await ada.post(path(`/${webhook['id']}/replay`), { from });
    expect([replayed.status, replayed.body]).toEqual([202, { events: 2 }]);
    const received = (await receiver.wait(4)).slice(2);
    const feed = (await ada.get(`/workspaces/${workspace}/events`)).body['items'] as Fields[];
    expect(received.map(({ id }) => id).toSorted()).toEqual(
      feed.map(({ id }) => id as string).toSorted(),
    );
  });

  it('do not hold up one another when a receiver is slow', async () => {
    const slow = await WebhookReceiver.start();
    slow.answer = () => undefined;
    for (let count = 0; count < 19; count += 1) {
      await ada.post(path(), { url: slow.url, events: LINK_EVENTS });
    }
    const bob = await TestUser.register(server.url);
    const home = (await bob.get('/workspaces')).body['items'][0].id as string;
    await bob.post(`/workspaces/${home}/webhooks`, { url: receiver.url, events: LINK_EVENTS });
    for (let count = 0; count < 5; count += 1) await ada.shorten();
    await slow.wait(40);
    for (let count = 0; count < 20; count += 1) await bob.shorten();
    // By then those who are waited for are known to be slow.
    expect(await receiver.wait(20, 25_000)).toHaveLength(20);
    await slow.close();
  });

  it('name all that is wrong with them', async () => {
    const { status, body } = await ada.post(path(), {
      url: 'ftp://example.com/',
      events: ['link.created', 'link.exploded'],
      description: 7,
    });
    expect(status).toBe(400);
    expect(body['errors'].map(({ pointer }: Fields) => pointer).toSorted()).toEqual([
      '/description',
      '/events/1',
      '/url',
    ]);
    const [user] = [
      await ada.post(path(), { url: 'http://u:p@example.com/', events: LINK_EVENTS }),
    ];
    expect(user.body['errors']).toMatchObject([{ pointer: '/url', code: 'invalid' }]);
    const empty = await ada.post(path(), { url: receiver.url, events: [] });
    expect(empty.body['errors']).toMatchObject([{ pointer: '/events', code: 'too-short' }]);
    const webhook = await subscribe();
    const now = new Date().toISOString();
    const range = await ada.post(path(`/${webhook['id']}/replay`), { from: now, until: now });
    expect(range.body['errors']).toMatchObject([{ pointer: '/until' }]);
  });

  it('change only as they were read, and go with all that is known of them', async () => {
    const webhook = await subscribe();
    const one = path(`/${webhook['id']}`);
    const changed = await ada.patch(one, { description: 'Ours' }, { 'if-match': '"1"' });
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"2"']);
    expect(changed.body).toMatchObject({ description: 'Ours', url: receiver.url });
    expect((await ada.patch(one, { events: ['link.spent'] }, { 'if-match': '"1"' })).status).toBe(
      412,
    );
    expect((await ada.delete(one, { 'if-match': '"1"' })).status).toBe(412);
    expect((await ada.delete(one, { 'if-match': '"2"' })).status).toBe(204);
    expect((await ada.get(one)).status).toBe(404);
    const bob = await TestUser.register(server.url);
    const other = await subscribe();
    for (const more of ['', '/deliveries']) {
      expect((await bob.get(path(`/${other['id']}${more}`))).status).toBe(404);
    }
  });

  it('are at most 20 in a workspace', async () => {
    const made = await Promise.all(
      Array.from({ length: 22 }, () =>
        ada.post(path(), { url: receiver.url, events: LINK_EVENTS }),
      ),
    );
    expect(made.filter(({ status }) => status === 201)).toHaveLength(20);
    expect(made.find(({ status }) => status !== 201)!.body['code']).toBe('webhook-limit-reached');
  });

  it('are for owners, and for keys with their scopes', async () => {
    const key = async (...scopes: string[]) => {
      const made = await ada.post(`/workspaces/${workspace}/api-keys`, { name: 'x', scopes });
      return made.body['key'] as string;
    };
    const reader = await key('webhooks:read');
    const writer = await key('webhooks:write');
    const none = await key('links:write');
    const as = (token: string, method: string, body?: object) =>
      ada.client.request(method, `/api/v1${path()}`, body, { token });
    const wanted = { url: receiver.url, events: LINK_EVENTS };
    expect((await as(writer, 'POST', wanted)).status).toBe(201);
    expect((await as(reader, 'GET')).status).toBe(200);
    expect((await as(reader, 'POST', wanted)).status).toBe(403);
    expect((await as(none, 'GET')).status).toBe(403);
  });
});

describe('Where private requests are not allowed, webhooks', () => {
  let server: TestServer;
  let ada: TestUser;
  let receiver: WebhookReceiver;

  beforeAll(async () => {
    server = await startServer({ env: { ALLOW_PRIVATE_REQUESTS: 'false' } });
    ada = await TestUser.register(server.url);
    receiver = await WebhookReceiver.start();
  });
  afterAll(async () => {
    await receiver.close();
    await server.remove();
  });

  it.each([
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '[::ffff:127.0.0.1]',
    '0.0.0.0',
    'localhost',
    'localhost.',
    '169.254.169.254',
    '10.0.0.1',
  ])('cannot be made for %s', async (host) => {
    const workspace = (await ada.get('/workspaces')).body['items'][0].id as string;
    const { port } = new URL(receiver.url);
    const { status, body } = await ada.post(`/workspaces/${workspace}/webhooks`, {
      url: `http://${host}:${port}/`,
      events: ['link.created'],
    });
    expect([status, body['errors']]).toEqual([
      400,
      [
        {
          pointer: '/url',
          code: 'private-address',
          detail: 'url must not lead to a private or local address',
        },
      ],
    ]);
  });

  it('are not sent to an address that has become private', async () => {
    const workspace = (await ada.get('/workspaces')).body['items'][0].id as string;
    // A public address of nobody, so that it could be made.
    const { body: webhook } = await ada.post(`/workspaces/${workspace}/webhooks`, {
      url: 'http://1.1.1.1:9/',
      events: ['link.created'],
    });
    const database = new pg.Client({ connectionString: server.databaseUrl });
    await database.connect();
    await database.query('UPDATE webhooks SET url = $1', [receiver.url]);
    await database.end();
    const path = `/workspaces/${workspace}/webhooks/${webhook['id']}`;
    const { body } = await ada.post(`${path}/test`, undefined);
    const read = async () => (await ada.get(`${path}/deliveries/${body['eventId']}`)).body;
    const result = await eventually(read, ({ status }) => status === 'failed');
    expect(result['attempts']).toMatchObject([
      { error: 'must not lead to a private or local address' },
    ]);
    expect(receiver.received).toEqual([]);
  });
});
