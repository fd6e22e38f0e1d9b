import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How the set-up of a test run tells the test files where their PostgreSQL is. */
export const ADMIN_URL = 'SIGNPOST_TEST_ADMIN_URL';
export const TEMPLATE = 'SIGNPOST_TEST_TEMPLATE';

/** A script of the build. */
export const compiled = (script: string): string => join(process.cwd(), 'dist', script);

export const LAUNCHER = join(process.cwd(), 'bin', 'signpost.js');

/** What the launcher tells Node.js: the options in its first line. */
export function nodeOptions(): string[] {
  const [firstLine] = readFileSync(LAUNCHER, 'utf8').split('\n', 1);
  return firstLine!.split(' ').filter((word) => word.startsWith('--'));
}

/** The arguments of Node.js for a command of the launcher, which then needs no second process. */
export const signpost = (...command: string[]): string[] => [
  ...nodeOptions(),
  LAUNCHER,
  ...command,
];

/** The environment of a process under test: nothing of the developer's own shell gets in. */
export function cleanEnvironment(variables: Record<string, string | undefined>): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, SystemRoot } = process.env;
  return { PATH, HOME, TMPDIR, SystemRoot, NODE_ENV: 'test', ...variables };
}
