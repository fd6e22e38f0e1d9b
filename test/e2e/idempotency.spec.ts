import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { query } from '../support/exactly-once.js';
import { HttpClient } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

const REPLAYED = 'idempotency-replayed';
const PASSWORD = 'correct horse battery';

describe('Idempotency-Key', () => {
  let server: TestServer;
  let client: HttpClient;
  let accessToken: string;

  beforeAll(async () => {
    server = await startServer({ env: { REFRESH_GRACE_SECONDS: '0' } });
    client = await HttpClient.connect(server.url);
    accessToken = (await register(newAddress())).body.accessToken;
  });

  afterAll(() => server.remove());

  const newAddress = () => `${randomUUID()}@example.com`;

  const post = (path: string, body: unknown, key?: string, token?: string) =>
    client.post(`/api/v1${path}`, body, {
      token,
      headers: key === undefined ? {} : { 'idempotency-key': key },
    });

  const register = (email: string, key?: string) =>
    post('/auth/register', { email, password: PASSWORD }, key);

  const createLink = (key?: string, body: object = { url: 'https://example.com/a' }) =>
    post('/links', body, key, accessToken);

  async function countLinks(): Promise<number> {
    const { body } = await client.get('/api/v1/links?limit=100', { token: accessToken });
    return body.items.length;
  }

  async function storedAnswers(): Promise<number> {
    const rows = await query<{ count: number }>(
      server,
      'SELECT count(*)::int AS count FROM idempotency_keys',
    );
    return rows[0]!.count;
  }

  it('makes one link of a retried create, and answers alike', async () => {
    const key = randomUUID();
    const before = await countLinks();
    const first = await createLink(key);
    const second = await createLink(key);

    expect(first.status).toBe(201);
    expect(first.headers.get(REPLAYED)).toBeNull();
    expect(second.status).toBe(201);
    expect(second.headers.get(REPLAYED)).toBe('true');
    expect(second.text).toBe(first.text);
    for (const name of ['location', 'etag', 'content-type']) {
      expect(first.headers.get(name)).toBeTruthy();
      expect(second.headers.get(name)).toBe(first.headers.get(name));
    }
    expect(await countLinks()).toBe(before + 1);
  });

  it('makes one link of many simultaneous creates', async () => {
    const key = randomUUID();
    const before = await countLinks();
    const answers = await Promise.all(Array.from({ length: 20 }, () => createLink(key)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.has(REPLAYED))).toHaveLength(19);
    expect(await countLinks()).toBe(before + 1);
  });

  it('makes two links without the header', async () => {
    const before = await countLinks();
    await createLink();
    await createLink();
    expect(await countLinks()).toBe(before + 2);
  });

  it('accepts members in another order and the quoted form of the draft', async () => {
    await createLink('"order-17"', { url: 'https://example.com/a', title: 'A' });
    const again = await createLink('order-17', { title: 'A', url: 'https://example.com/a' });
    expect(again.headers.get(REPLAYED)).toBe('true');
  });

  it('refuses the key of another request', async () => {
    const key = randomUUID();
    await createLink(key);
    const { status, headers, body } = await createLink(key, { url: 'https://example.com/b' });
    expect(status).toBe(422);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(body).toMatchObject({ code: 'idempotency-key-reused', status: 422 });
  });

  it('refuses a key that is too long, and names the header', async () => {
    const { status, body } = await createLink('k'.repeat(256));
    expect(status).toBe(400);
    expect(body).toMatchObject({ errors: [{ pointer: 'Idempotency-Key' }] });
  });

  it('replays a refusal as the same problem, of this request', async () => {
    const key = randomUUID();
    const code = 'taken';
    await createLink(undefined, { url: 'https://example.com/a', code });
    const first = await createLink(key, { url: 'https://example.com/b', code });
    const second = await createLink(key, { url: 'https://example.com/b', code });
    expect(first.body).toMatchObject({ status: 409, code: 'code-taken' });
    expect(second.headers.get(REPLAYED)).toBe('true');
    expect(second.headers.get('content-type')).toBe(first.headers.get('content-type'));
    expect(second.body).toEqual({ ...first.body, requestId: second.body.requestId });
    expect(second.body.requestId).not.toBe(first.body.requestId);
  });

  it('replays what was wrong with a body', async () => {
    const key = randomUUID();
    const first = await createLink(key, { url: 'javascript:alert(1)' });
    const second = await createLink(key, { url: 'javascript:alert(1)' });
    expect(first.status).toBe(400);
    expect(second.status).toBe(400);
    expect(second.headers.get(REPLAYED)).toBe('true');
    expect(second.body.errors).toEqual(first.body.errors);
  });

  it('keeps the keys of two users apart', async () => {
    const key = randomUUID();
    const stranger = (await register(newAddress())).body;
    await createLink(key);
    const theirs = await post('/links', { url: 'https://a.test/' }, key, stranger.accessToken);
    expect(theirs.status).toBe(201);
    expect(theirs.headers.get(REPLAYED)).toBeNull();
  });

  it('asks for authentication before it replays anything', async () => {
    const key = randomUUID();
    await createLink(key);
    const { status, headers } = await post('/links', { url: 'https://example.com/a' }, key);
    expect(status).toBe(401);
    expect(headers.get(REPLAYED)).toBeNull();
  });

  it('stores nothing for strangers, and ignores their keys', async () => {
    const before = await storedAnswers();
    const [email, key] = [newAddress(), randomUUID()];
    const first = await register(email, key);
    expect((await register(email, key)).body).toMatchObject({ code: 'email-taken' });
    const login = () => post('/auth/login', { email, password: PASSWORD }, key);
    const sessions = [await login(), await login()];
    const [one, other] = sessions.map(({ body }) => body.refreshToken as string);
    expect(other).not.toBe(one);
    const next = await post('/auth/refresh', { refreshToken: one }, key);
    const logouts = [next.body.refreshToken, other].map((refreshToken) =>
      post('/auth/logout', { refreshToken }, key),
    );
    const answers = [first, ...sessions, next, ...(await Promise.all(logouts))];
    expect(answers.map(({ status }) => status)).toEqual([201, 200, 200, 200, 204, 204]);
    for (const { headers } of answers) expect(headers.has(REPLAYED)).toBe(false);
    expect(await storedAnswers()).toBe(before);
  });

  it('refuses a new key of a user who has stored too much, and still replays', async () => {
    const key = randomUUID();
    await createLink(key);
    const before = await countLinks();
    await query(server, `UPDATE idempotency_usage SET kibibytes = 16384`);
    const { status, headers, body } = await createLink(randomUUID());
    expect([status, body.code]).toEqual([429, 'idempotency-quota-exceeded']);
    expect(headers.get('retry-after')).toBe('3600');
    expect((await createLink(key)).headers.get(REPLAYED)).toBe('true');
    expect(await countLinks()).toBe(before);
    expect((await createLink()).status).toBe(201);
    await query(server, `DELETE FROM idempotency_usage`);
  });

  it('keeps little of a request that was wrong in many ways', async () => {
    const wrong = Object.fromEntries(Array.from({ length: 190 }, (_, index) => [`x${index}`, 0]));
    const key = randomUUID();
    const first = await createLink(key, wrong);
    const second = await createLink(key, wrong);
    expect(second.headers.get(REPLAYED)).toBe('true');
    expect(second.body.errors).toEqual(first.body.errors);
    const [row] = await query<{ largest: number }>(
      server,
      'SELECT max(length(answer)) AS largest FROM idempotency_keys',
    );
    expect(row!.largest).toBeLessThan(8_000);
  });
});
