import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { ConfigError } from './config.error.js';

/** Environment variables, as in process.env. */
export type Env = Readonly<Record<string, string | undefined>>;

/**
 * The variables in the file .env of the directory, if there is one. Tests do not read it: they would
 * pass or fail by what a developer keeps there.
 */
export function readDotEnv(env: Env, directory: string): Env {
  if (env['NODE_ENV'] === 'test') return {};
  try {
    return parseEnv(readFileSync(join(directory, '.env'), 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return {};
    throw new ConfigError([`.env must be a readable file (${code})`]);
  }
}

/** The environment, completed from a file. An empty variable is as good as none. */
export function completedFrom(file: Env, env: Env): Env {
  const given = Object.entries(env).filter(([, value]) => value !== '');
  return { ...file, ...Object.fromEntries(given) };
}
