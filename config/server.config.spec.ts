import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Env } from './dot-env.js';
import { loadConfig } from './load-config.js';
import { ServerConfig } from './server.config.js';

const inTest = { NODE_ENV: 'test', JWT_SECRET: 'Zk3vQ8xN1rT6yB9wL4mJ7pH2sD5fG0aC' };
const inProduction = {
  ...inTest,
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://app@db:5432/signpost',
  PUBLIC_URL: 'https://go.example.com',
};
const loading = (env: Env) => () => loadConfig(env);

describe(ServerConfig.name, () => {
  it.each(['0', '-1', '65536', '3e3', '0x10', '80.5', '80 81', 'Infinity'])(
    'refuses %s as a port',
    (PORT) => {
      expect(loading({ ...inProduction, PORT })).toThrow('PORT must be');
    },
  );

  it('allows port 0, a free one, in tests only', () => {
    expect(loadConfig({ ...inTest, PORT: '0' }).server.port).toBe(0);
  });

  it.each([
    ['https://Go.Example.com/', 'https://go.example.com'],
    ['http://example.com/s//', 'http://example.com/s'],
  ])('keeps the public URL %s as %s', (PUBLIC_URL, publicUrl) => {
    expect(loadConfig({ ...inProduction, PUBLIC_URL }).server.publicUrl).toBe(publicUrl);
  });

  it.each(['https://u:p@x.com', 'https://x.com?a', 'https://x.com/#a', 'x.com', '//x.com'])(
    'refuses the public URL %s',
    (PUBLIC_URL) => {
      expect(loading({ ...inProduction, PUBLIC_URL })).toThrow('PUBLIC_URL must be');
    },
  );

  it('derives the public URL from the port', () => {
    expect(loadConfig({ ...inTest, PORT: '8080' }).server.publicUrl).toBe('http://localhost:8080');
  });

  it('splits the list of trusted proxies', () => {
    const { server } = loadConfig({ ...inTest, TRUSTED_PROXIES: '10.0.0.0/8, ::1,fd00::/8,' });
    expect(server.trustedProxies).toEqual(['10.0.0.0/8', '::1', 'fd00::/8']);
  });

  it.each(['10.0.0.0/33', '10.0.0/8', '::1/129', '10.0.0.0/', '10.0.0.0/8/8', '*'])(
    'refuses %s as a trusted proxy',
    (TRUSTED_PROXIES) => {
      expect(loading({ ...inTest, TRUSTED_PROXIES })).toThrow('TRUSTED_PROXIES must be');
    },
  );

  it('keeps the origins of pages as browsers spell them', () => {
    const CORS_ORIGINS =
      'https://App.Example.com:443, http://localhost:5173 ,https://bücher.example';
    expect(loadConfig({ ...inTest, CORS_ORIGINS }).server.corsOrigins).toEqual([
      'https://app.example.com',
      'http://localhost:5173',
      'https://xn--bcher-kva.example',
    ]);
  });

  it.each([
    '*',
    'null',
    'https://*.example.com',
    'https://app.example.com/',
    'https://app.example.com/path',
    'https://app.example.com?',
    'https://u:p@app.example.com',
    'app.example.com',
    '//app.example.com',
    'ftp://app.example.com',
    'https://app.example.com:99999',
    'https://app.example.com https://b.example.com',
    'https://a.example.com,*',
  ])('refuses %s as the origin of pages', (CORS_ORIGINS) => {
    expect(loading({ ...inTest, CORS_ORIGINS })).toThrow('CORS_ORIGINS must be');
  });

  it('resolves DATA_DIR against the working directory', () => {
    expect(loadConfig({ ...inTest, DATA_DIR: 'x/y' }).server.dataDir).toBe(
      join(process.cwd(), 'x/y'),
    );
  });

  it('refuses several workers without DATABASE_URL', () => {
    expect(loading({ ...inTest, WORKERS: '2' })).toThrow(
      'WORKERS must be 1 while DATABASE_URL is not set: the embedded database serves one process',
    );
  });

  it('refuses a replica for reports without DATABASE_URL', () => {
    expect(loading({ ...inTest, REPORTS_DATABASE_URL: 'postgres://replica/x' })).toThrow(
      'REPORTS_DATABASE_URL needs DATABASE_URL: the embedded database has no replicas',
    );
  });

  it('takes auto for as many workers as there are cores', () => {
    expect(loadConfig({ ...inProduction, WORKERS: 'auto' }).server.workers).toBe(
      Math.min(availableParallelism(), 256),
    );
  });
});
