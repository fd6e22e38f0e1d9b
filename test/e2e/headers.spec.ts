import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { follow, TestUser } from '../support/api.js';
import { startServer, type TestServer } from '../support/server.js';

const HSTS = 'max-age=31536000';

describe('Headers of answers', () => {
  let server: TestServer;
  let code: string;
  let limited: string;

  beforeAll(async () => {
    server = await startServer({ env: { PUBLIC_URL: 'https://go.example.com' } });
    const user = await TestUser.register(server.url);
    code = (await user.shorten())['code'] as string;
    limited = (await user.shorten({ maxClicks: 1 }))['code'] as string;
  });
  afterAll(() => server.remove());

  it('forbid to guess types and to come back without TLS, whatever the answer', async () => {
    const keepAlive = { connection: 'keep-alive' };
    const answers = [
      await follow(server.url, code, keepAlive),
      await follow(server.url, code, { connection: 'close' }),
      await follow(server.url, code, {}, 'HEAD'),
      await follow(server.url, limited),
      await follow(server.url, limited, { accept: 'text/html' }),
      await follow(server.url, 'no-such-code'),
      await follow(server.url, '%zz'),
      await follow(server.url, 'health/live'),
      await follow(server.url, 'docs'),
      await follow(server.url, 'openapi.json'),
      await follow(server.url, 'api/v1/links'),
      await follow(server.url, 'api/v1/nothing', {}, 'POST'),
    ];
    for (const { headers } of answers) {
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('strict-transport-security')).toBe(HSTS);
    }
  });

  it('are there also where there was no request', async () => {
    const { hostname, port } = new URL(server.url);
    const heard = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(Number(port), hostname, () => socket.write('nonsense\r\n\r\n'));
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.on('close', () => resolve(text));
    });
    expect(heard).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(heard).toContain('x-content-type-options: nosniff\r\n');
    expect(heard).toContain(`strict-transport-security: ${HSTS}\r\n`);
  });

  it('let nobody show an answer in a frame, and let answers of the API load nothing', async () => {
    const paths = ['api/v1/links', 'openapi.json', 'no-such-code', 'docs/', 'health'];
    for (const path of paths) {
      const { headers } = await follow(server.url, path, { accept: 'text/html' });
      const policy = headers.get('content-security-policy');
      expect(policy).toContain("frame-ancestors 'none'");
      expect(headers.get('x-frame-options')).toBe('DENY');
      const sources = path === 'docs/' ? "default-src 'self'" : "default-src 'none'";
      expect(policy).toContain(sources);
    }
  });
});
