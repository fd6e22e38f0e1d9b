import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { completedFrom, readDotEnv, type Env } from './dot-env.js';
import { loadConfig } from './load-config.js';

/** As a process with these variables sees it. */
const withDotEnv = (env: Env, directory: string) => completedFrom(readDotEnv(env, directory), env);

describe(readDotEnv.name, () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'signpost-dot-env-'));
    writeFileSync(join(directory, '.env'), 'PORT=4000\nHOST="::1" # all of it\n#LOG_LEVEL=x\n');
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  it('adds the variables of the file', () => {
    const { server } = loadConfig(withDotEnv({ DATA_DIR: directory }, directory));
    expect([server.port, server.host]).toEqual([4000, '::1']);
  });

  it('lets the environment of the process win', () => {
    expect(withDotEnv({ PORT: '5000' }, directory)['PORT']).toBe('5000');
  });

  it('lets an empty variable of the process hide none of the file', () => {
    expect(withDotEnv({ PORT: '' }, directory)['PORT']).toBe('4000');
  });

  it('is content without the file', () => {
    rmSync(join(directory, '.env'));
    expect(withDotEnv({ PORT: '5000' }, directory)).toEqual({ PORT: '5000' });
  });

  it('leaves the file alone in tests', () => {
    expect(withDotEnv({ NODE_ENV: 'test' }, directory)).toEqual({ NODE_ENV: 'test' });
  });

  it('refuses a file that it cannot read', () => {
    rmSync(join(directory, '.env'));
    mkdirSync(join(directory, '.env'));
    expect(() => withDotEnv({}, directory)).toThrow('.env must be a readable file (EISDIR)');
  });
});
