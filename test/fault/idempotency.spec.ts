import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { FAULT_RUNS } from '../support/fault-runs.js';
import { HttpClient } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

/** From "not begun" to "answered", with what lies between them on machines slow and fast. */
const KILLED_AFTER_MS = FAULT_RUNS >= 10 ? [2, 5, 8, 12, 20] : [2, 8, 20];

describe.each([
  ['PostgreSQL', undefined],
  ['the embedded database', 'embedded'],
])('A create that is retried after a SIGKILL, on %s', (_name, databaseUrl) => {
  let server: TestServer;
  let client: HttpClient;
  let token: string;

  beforeAll(async () => {
    server = await startServer({ databaseUrl });
    client = await HttpClient.connect(server.url);
    const account = { email: `${randomUUID()}@example.com`, password: 'correct horse battery' };
    token = (await client.post('/api/v1/auth/register', account)).body.accessToken;
  }, 60_000);

  afterAll(() => server.remove());

  const create = (url: string) =>
    client.post('/api/v1/links', { url }, { token, headers: { 'idempotency-key': url } });

  it('makes one link, wherever the process was killed', async () => {
    const urls = KILLED_AFTER_MS.map((delay) => `https://example.com/${delay}`);
    for (const [index, url] of urls.entries()) {
      await create(`https://example.com/warm-up-${index}`);
      const cut = create(url).catch(() => undefined);
      await sleep(KILLED_AFTER_MS[index]);
      await server.kill();
      await cut;
      await server.start();
      expect((await create(url)).status).toBe(201);
    }
    const { body } = await client.get('/api/v1/links?limit=100', { token });
    const made = (body.items as { url: string }[]).map((link) => link.url);
    expect(made.filter((url) => !url.includes('warm-up'))).toEqual(urls.toReversed());
  }, 120_000);
});
