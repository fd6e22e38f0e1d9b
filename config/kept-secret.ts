import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory } from './data-directory.js';

/**
 * The secret in this file of the data directory, which only its owner may read; made up when it is
 * first asked for.
 */
export function keptSecret(dataDir: string, name: string, bytes: number): string {
  const path = join(dataDir, name);
  const secret = readIfExists(path) ?? create(dataDir, path, bytes);
  chmodSync(path, 0o600);
  return secret;
}

/**
 * Whole or not at all, and never over another: the file gets its name by link(), which fails if
 * the name is taken, so processes that start together end up with the secret of the first.
 */
function create(dataDir: string, path: string, bytes: number): string {
  makeDirectory(dataDir);
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(draft, randomBytes(bytes).toString('base64url'), {
      mode: 0o600,
      flush: true,
    });
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(path, 'utf8');
}

function readIfExists(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
