import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { ConfigError } from './config.error.js';

/** Environment variables, as in process.env. */
export type Env = Readonly<Record<string, string | undefined>>;

/**
 * The environment, completed from the file .env of the directory if there is one. Tests do not
 * read it: they would pass or fail by what a developer keeps there.
 */
export function withDotEnv(env: Env, directory: string): Env {
  if (env['NODE_ENV'] === 'test') return env;
  try {
    // An empty variable is as good as none.
    const given = Object.entries(env).filter(([, value]) => value !== '');
    return {
      ...parseEnv(readFileSync(join(directory, '.env'), 'utf8')),
      ...Object.fromEntries(given),
    };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return env;
    throw new ConfigError([`.env must be a readable file (${code})`]);
  }
}
