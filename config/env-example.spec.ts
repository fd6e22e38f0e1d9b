import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { CONFIG_CLASSES } from './app-config.js';
import { envExample } from './env-example.js';
import { loadConfig } from './load-config.js';
import { settingsOf } from './setting.decorator.js';

const text = envExample();
const paragraph = (name: string) =>
  text.split('\n\n').find((part) => new RegExp(`^(# )?${name}=`, 'm').test(part));

describe('.env.example', () => {
  it('is what the config classes say; otherwise run: npm run env:example', () => {
    expect(readFileSync('.env.example', 'utf8')).toBe(text);
  });

  it('has every setting, in the groups of the classes', () => {
    const names = Object.values(CONFIG_CLASSES).flatMap(settingsOf);
    expect([...text.matchAll(/^(?:# )?([A-Z_]+)=/gm)].map(([, name]) => name)).toEqual(
      names.map(({ name }) => name),
    );
    expect(text.match(/^# -+ \w+/gm)).toHaveLength(Object.keys(CONFIG_CLASSES).length);
  });

  it('tells purpose, type, unit and default', () => {
    expect(paragraph('SHUTDOWN_GRACE_SECONDS')).toBe(`\
# Time to finish requests and store clicks after SIGTERM.
# Expects: an integer from 1 to 3600 (seconds)
# Default: 25
SHUTDOWN_GRACE_SECONDS=25`);
  });

  it('tells defaults and rules that differ between environments', () => {
    expect(paragraph('BCRYPT_COST')).toBe(`\
# Work to hash a password: one more doubles it.
# Expects: an integer from 10 to 15 in staging and production; an integer from 4 to 15 in development and test
# Default: 12 in development, staging and production, 4 in test
# BCRYPT_COST=12`);
  });

  it('comments secrets out and tells that they can be read from a file', () => {
    expect(paragraph('JWT_SECRET')).toMatch(/^# JWT_SECRET=/m);
    expect(paragraph('DATABASE_URL')).toMatch(/^# DATABASE_URL=/m);
    expect(paragraph('JWT_SECRET')).toContain('JWT_SECRET_FILE');
  });

  it('changes nothing when it is copied to .env as it is', () => {
    const DATA_DIR = mkdtempSync(join(tmpdir(), 'signpost-example-'));
    expect(loadConfig({ ...parseEnv(text), DATA_DIR })).toEqual(loadConfig({ DATA_DIR }));
    rmSync(DATA_DIR, { recursive: true });
  });

  it('shows secrets that production refuses', () => {
    const shown = /^# JWT_SECRET=(.+)$/m.exec(text)?.[1];
    const env = { NODE_ENV: 'production', DATABASE_URL: 'postgres://db/x', JWT_SECRET: shown };
    expect(() => loadConfig(env)).toThrow('JWT_SECRET must be a random secret');
  });
});
