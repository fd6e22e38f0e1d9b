import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { insistOnDataDirectory } from './data-directory.js';
import { loadConfig } from './load-config.js';

describe(insistOnDataDirectory.name, () => {
  let DATA_DIR: string;

  beforeEach(() => {
    DATA_DIR = mkdtempSync(join(tmpdir(), 'signpost-data-'));
  });
  afterEach(() => rmSync(DATA_DIR, { recursive: true }));

  const insist = (dataDir: string, DATABASE_URL?: string) => () =>
    insistOnDataDirectory(
      loadConfig({ NODE_ENV: 'test', JWT_SECRET: 'x'.repeat(32), DATA_DIR: dataDir, DATABASE_URL }),
    );

  it('makes what a server needs, and leaves the embedded database to make its own', () => {
    insist(DATA_DIR)();
    insist(DATA_DIR)();
    expect(readdirSync(DATA_DIR)).toEqual(['run', 'spool']);
  });

  it.each([undefined, 'postgres://db/signpost'])('refuses a file in its place with %s', (url) => {
    const file = join(DATA_DIR, 'file');
    writeFileSync(file, '');
    const message = 'DATA_DIR must be a directory that can be written to';
    expect(insist(file, url)).toThrow(message);
    expect(insist(join(file, 'below'), url)).toThrow(message);
  });

  (process.platform === 'linux' ? describe : describe.skip)('on Linux', () => {
    it('refuses a place where no directory can be made, and does not try for ever', () => {
      expect(insist('/proc/signpost')).toThrow(
        'DATA_DIR must be a directory that can be written to (ENOENT)',
      );
    });
  });

  it.each(['spool', 'run', 'postgres'])('refuses a file in place of its directory %s', (part) => {
    writeFileSync(join(DATA_DIR, part), '');
    expect(insist(DATA_DIR)).toThrow(
      `The directory ${part} in DATA_DIR must be a directory that can be written to`,
    );
  });
});
