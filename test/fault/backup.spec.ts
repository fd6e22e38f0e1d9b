import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cleanEnvironment } from '../support/environment.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';

describe('A backup of a spool that is at work', () => {
  let directory: TemporaryDirectory;
  let writer: string;

  beforeEach(() => {
    directory = new TemporaryDirectory();
    writer = join(directory.path, 'data/spool/writer');
    mkdirSync(writer, { recursive: true });
    mkdirSync(join(directory.path, 'data/spool/done'));
    for (const name of ['pg_dump', 'pg_restore']) program(name, 'exit 0');
  });
  afterEach(() => directory.remove());

  /** Takes the place of a program. */
  function program(name: string, script: string): void {
    const file = join(directory.path, 'bin', name);
    mkdirSync(join(directory.path, 'bin'), { recursive: true });
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  }

  /** Runs the script, and `meanwhile` once before (or after) it copies the file. */
  function backUp(name: string, when: 'before' | 'after', meanwhile: string): Map<string, string> {
    const once = `if [ ! -e "${directory.path}/ran" ]; then : >"${directory.path}/ran"; ${meanwhile}; fi`;
    const copy = 'PATH=${PATH#*:} cp "$@"';
    const order = when === 'before' ? `${once}; ${copy}` : `${copy}; ${once}`;
    program('cp', `case "$2" in *${name}) ${order};; *) ${copy};; esac`);
    const env = cleanEnvironment({
      DATA_DIR: join(directory.path, 'data'),
      PATH: `${join(directory.path, 'bin')}:${process.env['PATH']}`,
    });
    const target = join(directory.path, 'backups');
    const made = execFileSync('sh', ['deploy/backup/backup.sh', target], { env, encoding: 'utf8' });
    const spool = join(made.trim(), 'spool');
    const files = readdirSync(spool, { recursive: true, withFileTypes: true });
    return new Map(
      files
        .filter((file) => file.isFile())
        .map(({ parentPath, name: file }) => [file, readFileSync(join(parentPath, file), 'utf8')]),
    );
  }

  it.each(['before', 'after'] as const)(
    'has a segment whole that is sealed just %s it is copied',
    (when) => {
      writeFileSync(join(writer, '1.open'), 'one\n');
      const seal = `printf 'two\\n' >>"${writer}/1.open"; mv "${writer}/1.open" "${writer}/1.sealed"`;
      expect([...backUp('1.open', when, seal)]).toEqual([['1.sealed', 'one\ntwo\n']]);
    },
  );

  it('has a segment that is stored just before it is copied among those that are kept', () => {
    writeFileSync(join(writer, '1.sealed'), 'one\n');
    const store = `printf 'one\\n' >"${writer}/../done/1.kept"; rm "${writer}/1.sealed"`;
    expect([...backUp('1.sealed', 'before', store)]).toEqual([['1.kept', 'one\n']]);
  });
});
