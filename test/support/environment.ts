import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How the set-up of a test run tells the test files where their PostgreSQL is. */
export const ADMIN_URL = 'SIGNPOST_TEST_ADMIN_URL';
export const TEMPLATE = 'SIGNPOST_TEST_TEMPLATE';

/** A script of the build. */
export const compiled = (script: string): string => join(process.cwd(), 'dist', script);

/** What `npm start` tells Node.js. */
export function nodeOptions(): string[] {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    scripts: { start: string };
  };
  return scripts.start.split(' ').filter((word) => word.startsWith('--'));
}

/** The environment of a process under test: nothing of the developer's own shell gets in. */
export function cleanEnvironment(variables: Record<string, string | undefined>): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, SystemRoot } = process.env;
  return { PATH, HOME, TMPDIR, SystemRoot, NODE_ENV: 'test', ...variables };
}
