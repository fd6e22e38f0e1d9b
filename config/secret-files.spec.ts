import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from './load-config.js';
import { readSecret } from './secret-files.js';

const secret = 'Zk3vQ8xN1rT6yB9wL4mJ7pH2sD5fG0aC';

describe(readSecret.name, () => {
  let directory: string;
  const file = (name: string, content: string) => {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  };

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'signpost-secrets-'));
  });

  afterAll(() => rmSync(directory, { recursive: true }));

  it('reads secrets from the files that _FILE variables name', () => {
    const url = 'postgres://db/signpost';
    const { auth, database } = loadConfig({
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://go.example.com',
      JWT_SECRET_FILE: file('jwt', secret),
      DATABASE_URL_FILE: file('url', url),
    });
    expect([auth.jwtSecret, database.url]).toEqual([secret, url]);
  });

  it.each([
    ['commas', 'JWT_PREVIOUS_SECRETS', (one: string, two: string) => `${one}, ${two},`],
    ['lines', 'JWT_PREVIOUS_SECRETS_FILE', (one: string, two: string) => `${one}\r\n\n${two}\n`],
  ])('tells previous secrets apart by %s', (_name, variable, joined) => {
    const other = 'q7Rw2Kd9Vx4Hn6Tb1Zs8Jm3Lp5Yc0GfE';
    const text = joined(secret, other);
    const value = variable.endsWith('_FILE') ? file('previous', text) : text;
    const environment = { NODE_ENV: 'production', PUBLIC_URL: 'https://go.example.com' };
    const { auth } = loadConfig({
      ...environment,
      DATABASE_URL: 'postgres://db/a',
      JWT_SECRET: secret,
      [variable]: value,
    });
    expect(auth.jwtPreviousSecrets).toEqual([secret, other]);
  });

  it.each(['\n', '\r\n'])('does not take the newline %j at the end for a part of it', (end) => {
    expect(readSecret({ S_FILE: file('newline', ` ${secret} ${end}`) }, 'S')).toEqual({
      text: ` ${secret} `,
    });
  });

  it('refuses to choose when the variable and its file are both set', () => {
    expect(() =>
      loadConfig({ NODE_ENV: 'test', JWT_SECRET: secret, JWT_SECRET_FILE: file('both', secret) }),
    ).toThrow(/^ {2}JWT_SECRET and JWT_SECRET_FILE must not both be set$/m);
  });

  it('names the variable of a file that cannot be read, once and without its path', () => {
    const JWT_SECRET_FILE = join(directory, 'absent');
    expect(() =>
      loadConfig({
        NODE_ENV: 'production',
        PUBLIC_URL: 'https://go.example.com',
        JWT_SECRET_FILE,
        DATABASE_URL: 'x',
      }),
    ).toThrow(
      expect.objectContaining({
        problems: [
          'DATABASE_URL must be a postgres:// or postgresql:// URL',
          'JWT_SECRET_FILE must name a readable file (ENOENT)',
        ],
      }),
    );
  });

  it('refuses an empty file instead of going on without a secret', () => {
    expect(() => loadConfig({ JWT_SECRET_FILE: file('empty', '\n') })).toThrow(
      'JWT_SECRET_FILE must name a file that is not empty',
    );
  });
});
