import { readFileSync } from 'node:fs';
import type { Env } from './dot-env.js';

/** The text of a setting, or why there is none. */
export type Read = { text?: string; problem?: string };

/**
 * The secret from its variable, or from the file that `<NAME>_FILE` names, as orchestrators mount
 * them. An editor's newline at the end of the file is not part of the secret.
 */
export function readSecret(env: Env, name: string): Read {
  const path = env[`${name}_FILE`];
  if (!path) return env[name] ? { text: env[name] } : {};
  if (env[name]) return { problem: `${name} and ${name}_FILE must not both be set` };
  try {
    const text = readFileSync(path, 'utf8').replace(/[\r\n]+$/, '');
    return text === '' ? { problem: `${name}_FILE must name a file that is not empty` } : { text };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { problem: `${name}_FILE must name a readable file (${code})` };
  }
}
