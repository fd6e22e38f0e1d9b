import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { PROBLEMS, problemType, type ProblemCode } from '../../src/common/problem/problems.js';
import { eventually } from '../support/api.js';
import { HttpClient, type Fields, type HttpAnswer } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

const LOGIN = '/api/v1/auth/login';

describe('Errors', () => {
  let server: TestServer;
  let client: HttpClient;

  beforeAll(async () => {
    server = await startServer();
    client = await HttpClient.connect(server.url);
  });

  afterAll(() => server.remove());

  function expectProblem({ status, headers, body }: HttpAnswer<Fields>, code: ProblemCode): void {
    expect(body).toMatchObject({
      type: problemType(code),
      title: PROBLEMS[code].title,
      status: PROBLEMS[code].status,
      code,
      detail: expect.stringMatching(/\S/),
      requestId: headers.get('x-request-id'),
    });
    expect(status).toBe(PROBLEMS[code].status);
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  }

  const postRaw = (body: string, headers: Record<string, string> = {}) =>
    client.request('POST', LOGIN, body, { headers });

  it('takes a client that breaks off for nobody, and not for a lost database', async () => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname, () =>
      socket.write(
        `POST ${LOGIN} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{`,
        () => setTimeout(() => socket.resetAndDestroy(), 100),
      ),
    );
    await eventually(
      async () => server.log,
      (log) => /login 499/.test(log),
      5_000,
    );
    expect(server.log).toMatch(/login 499/);
    expect(server.log).not.toContain('database-unavailable');
  });

  it('answers an unknown path with 404', async () => {
    const answer = await client.get('/api/v1/nothing/here?token=secret');
    expectProblem(answer, 'not-found');
    expect(answer.body.instance).toBe('/api/v1/nothing/here');
  });

  it.each([
    ['PUT', LOGIN, 'POST'],
    ['GET', LOGIN, 'POST'],
    ['DELETE', '/health', 'GET, HEAD'],
    ['POST', '/metrics', 'GET, HEAD'],
    ['PATCH', '/openapi.json', 'GET, HEAD'],
  ])('answers %s %s with 405 and the methods that work', async (method, path, allow) => {
    const answer = await client.request(method, path);
    expectProblem(answer, 'method-not-allowed');
    expect(answer.headers.get('allow')).toBe(allow);
  });

  it.each(['{"email":', 'not json', '{"a":1,}', '\u0000'])('answers %j with 400', async (body) => {
    expectProblem(await postRaw(body), 'malformed-json');
  });

  it('answers an empty JSON body with 400', async () => {
    expectProblem(
      await client.request('POST', LOGIN, undefined, {
        headers: { 'content-type': 'application/json' },
      }),
      'malformed-json',
    );
  });

  it.each(['null', '[]', '"text"', '7', 'true'])('refuses the body %s, no object', async (body) => {
    const answer = await postRaw(body);
    expectProblem(answer, 'invalid-request');
    expect(answer.body.errors).toEqual([
      { pointer: '', code: 'wrong-type', detail: 'must be a JSON object' },
    ]);
  });

  it('refuses a missing body', async () => {
    expectProblem(await client.post(LOGIN), 'invalid-request');
  });

  it.each([
    '{"__proto__":{"admin":true},"email":"a@example.com","password":"correct horse"}',
    '{"constructor":{"prototype":{"admin":true}}}',
  ])('refuses the key that could change prototypes in %s', async (body) => {
    const answer = await postRaw(body);
    expectProblem(answer, 'invalid-request');
    expect(answer.body.errors[0]).toMatchObject({ code: 'not-allowed' });
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'nonsense',
  ])('refuses JSON sent as %s with 415', async (type) => {
    expectProblem(await postRaw('{"a":1}', { 'content-type': type }), 'unsupported-media-type');
  });

  it.each(['iso-8859-1', '"UTF-16"', 'x'])(
    'refuses JSON in the charset %s with 415',
    async (name) => {
      const type = `application/json; charset=${name}`;
      expectProblem(await postRaw('{"a":1}', { 'content-type': type }), 'unsupported-media-type');
    },
  );

  it.each(['utf-8', 'UTF8', '"utf-8"', 'us-ascii'])(
    'reads JSON in the charset %s',
    async (name) => {
      const type = `application/json; charset=${name}`;
      expectProblem(await postRaw('{"a":1}', { 'content-type': type }), 'invalid-request');
    },
  );

  it('refuses a body that is not UTF-8 instead of changing its texts', async () => {
    const body = Buffer.from('{"email":"ü"}', 'latin1');
    const answer = await sendRaw(
      new URL(server.url),
      Buffer.concat([
        Buffer.from(
          `POST ${LOGIN} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
        ),
        body,
      ]),
    );
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'malformed-json', status: 400 });
  });

  it.each(['register', 'login'])('names an address with half a character on %s', async (path) => {
    const answer = await client.post(`/api/v1/auth/${path}`, {
      email: 'a\ud800@example.com',
      password: 'correct horse',
    });
    expectProblem(answer, 'invalid-request');
    expect(answer.body.errors[0]).toMatchObject({ pointer: '/email' });
  });

  it('refuses a body of 100 KB with 413', async () => {
    const body = JSON.stringify({ email: 'a'.repeat(100_000) });
    expectProblem(await postRaw(body), 'body-too-large');
  });

  it('names all wrong fields at once, by JSON pointers', async () => {
    const answer = await client.post(LOGIN, { email: 7, 'a/b~c': 1 });
    expectProblem(answer, 'invalid-request');
    expect(answer.body.errors).toEqual(
      expect.arrayContaining([
        { pointer: '/password', code: 'required', detail: 'password is required' },
        { pointer: '/a~1b~0c', code: 'not-allowed', detail: 'a/b~c is not a known field' },
        expect.objectContaining({ pointer: '/email' }),
      ]),
    );
  });

  it('asks for credentials with WWW-Authenticate', async () => {
    const answer = await client.get('/api/v1/auth/me');
    expectProblem(answer, 'unauthenticated');
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
  });

  it('keeps a sane X-Request-Id, and replaces any other', async () => {
    const ask = async (id: string) =>
      (await client.get('/api/v1/nothing', { headers: { 'x-request-id': id } })).body.requestId;
    expect(await ask('job-17:retry.2')).toBe('job-17:retry.2');
    for (const bad of ['has space', 'ü', '<script>', 'x'.repeat(129)]) {
      expect(await ask(bad)).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it.each([
    ['a broken percent-encoding', 'GET /api/v1/%zz HTTP/1.1\r\nHost: x\r\n', 'invalid-request'],
    ['an endless segment', `GET /${'a'.repeat(2_000)} HTTP/1.1\r\nHost: x\r\n`, 'uri-too-long'],
    [
      'huge headers',
      `GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(20_000)}\r\n`,
      'headers-too-large',
    ],
    ['garbage', 'NONSENSE\r\n', 'invalid-request'],
  ] as const)('answers %s with a problem', async (_name, request, code) => {
    const answer = await sendRaw(new URL(server.url), `${request}Connection: close\r\n\r\n`);
    expect(answer.head).toContain(`HTTP/1.1 ${PROBLEMS[code].status} `);
    expect(answer.head).toContain('application/problem+json; charset=utf-8');
    expect(JSON.parse(answer.body)).toMatchObject({ code, status: PROBLEMS[code].status });
  });
});

/** What no HTTP client would send. */
function sendRaw(
  { hostname, port }: URL,
  request: string | Buffer,
): Promise<{ head: string; body: string }> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(request));
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (answer += chunk));
    socket.on('error', reject);
    socket.on('close', () => {
      const [head = '', body = ''] = answer.split('\r\n\r\n');
      resolve({ head: head.toLowerCase().replace('http/1.1', 'HTTP/1.1'), body });
    });
  });
}
