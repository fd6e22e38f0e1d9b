import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestUser } from '../support/api.js';
import type { Fields, HttpAnswer } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

/** Twenty wrong fields, each with what is expected. */
const LARGEST_ANSWER = 8_000;

describe('The limits of a request', () => {
  let server: TestServer;
  let user: TestUser;

  beforeAll(async () => {
    server = await startServer();
    user = await TestUser.register(server.url);
  });

  afterAll(() => server.remove());

  const unknown = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, 0]));

  function expectSmall({ status, body, text }: HttpAnswer<Fields>, code: string): void {
    expect(body.errors[0]).toMatchObject({ code });
    expect(status).toBe(400);
    expect(text.length).toBeLessThan(LARGEST_ANSWER);
  }

  it.each(['register', 'login', 'refresh', 'logout'])(
    'let nobody send more than 4 KB to %s, and say so in the document',
    async (name) => {
      const path = `/api/v1/auth/${name}`;
      const { status, body } = await user.client.post(path, { email: 'x'.repeat(4_096) });
      expect([status, body.code]).toEqual([413, 'body-too-large']);
      const document = await fetch(`${server.url}/openapi.json`);
      const operation = ((await document.json()) as Fields)['paths'][path].post;
      expect(operation['x-body-limits']).toEqual({ bytes: 4_096, values: 16 });
      expect(operation.requestBody.description).toContain('4096 bytes');
    },
  );

  it('take the longest registration, all of it escaped', async () => {
    const escaped = (text: string) =>
      text.replace(/./gsu, (character) =>
        [...Array(character.length).keys()]
          .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
          .join(''),
      );
    const email = `${'a'.repeat(60)}@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.com`;
    const [password, name] = ['x'.repeat(72), '🙂'.repeat(100)];
    const fields = Object.entries({ email, password, name });
    const body = `{${fields.map(([key, text]) => `"${key}":"${escaped(text)}"`).join()}}`;
    const answer = await user.client.request('POST', '/api/v1/auth/register', body);
    expect([answer.status, answer.body.user?.name]).toEqual([201, name]);
  });

  it.each([
    ['4,000 unknown fields', { url: 'https://example.com/', ...unknown(4_000) }],
    ['4,000 tags', { url: 'https://example.com/', tags: Array(4_000).fill('x') }],
    [
      'an object of 4,000 members for a text',
      { url: 'https://example.com/', title: unknown(4_000) },
    ],
  ])('refuse a link with %s before looking at them', async (_name, link) => {
    expectSmall(await user.post('/links', link), 'too-many');
  });

  it('name twenty of many wrong fields, however long their names are', async () => {
    const fields = Object.entries(unknown(150)).map(([name, value]) => [name.padEnd(300), value]);
    const answer = await user.post('/links', Object.fromEntries(fields));
    expectSmall(answer, 'not-allowed');
    expect(answer.body.detail).toBe(
      '151 fields are wrong; see errors for 20 of them, and 131 more.',
    );
    expect(answer.body.errors).toHaveLength(20);
  });

  it('refuse a query with thousands of parameters or values', async () => {
    expectSmall(await user.get(`/links?${Object.keys(unknown(2_000)).join('&')}`), 'too-many');
    expectSmall(await user.get(`/links?${'q=a&'.repeat(2_000)}`), 'too-many');
    const { id } = await user.shorten();
    expectSmall(await user.get(`/links/${id}/stats?groupBy=${'a,'.repeat(6_000)}`), 'too-long');
  });

  it('hold for what is said of a long path', async () => {
    const { status, body } = await user.get(`/nothing/${'a/'.repeat(6_000)}`);
    expect(status).toBe(404);
    expect(body.instance).toHaveLength(256);
  });
});
