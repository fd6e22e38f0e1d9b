import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { transformFileSync } from '@swc/core';
import { keptJwtSecret } from './jwt-secret.js';

const run = promisify(execFile);

describe(keptJwtSecret.name, () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'signpost-jwt-'));
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  it('makes a secret of its own for each data directory, creating the directory', () => {
    const [a, b] = ['a/data', 'b'].map((name) => keptJwtSecret(join(directory, name)));
    expect(a).toHaveLength(64);
    expect(a).not.toBe(b);
  });

  it('takes a file that others could read away from them', () => {
    const path = join(directory, 'jwt-secret');
    const secret = keptJwtSecret(directory);
    chmodSync(path, 0o644);
    expect(keptJwtSecret(directory)).toBe(secret);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('gives processes that start together the same secret', async () => {
    compile('config.error', 'data-directory', 'kept-secret', 'jwt-secret');
    const script = `import { keptJwtSecret } from '${directory}/jwt-secret.js';
      while (Date.now() < ${Date.now() + 700});
      process.stdout.write(keptJwtSecret('${directory}/data'));`;
    const starts = Array.from({ length: 6 }, () =>
      run(process.execPath, ['--input-type=module', '--eval', script]),
    );
    const secrets = (await Promise.all(starts)).map(({ stdout }) => stdout);
    expect(new Set(secrets)).toEqual(new Set([keptJwtSecret(join(directory, 'data'))]));
    expect(readdirSync(join(directory, 'data'))).toEqual(['jwt-secret']);
  });

  it('says what to do about a data directory that cannot keep it', () => {
    writeFileSync(join(directory, 'file'), '');
    expect(() => keptJwtSecret(join(directory, 'file'))).toThrow(
      'DATA_DIR must be a directory that can be written to (ENOTDIR)',
    );
  });

  it('does not sign with what is left of a damaged file', () => {
    writeFileSync(join(directory, 'jwt-secret'), 'short');
    expect(() => keptJwtSecret(directory)).toThrow('it is too short');
  });

  /** Makes the modules runnable by a process without Jest. */
  function compile(...names: string[]): void {
    writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
    for (const name of names) {
      const { code } = transformFileSync(join(import.meta.dirname, `${name}.ts`), {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
        module: { type: 'es6' },
      });
      writeFileSync(join(directory, `${name}.js`), code);
    }
  }
});
