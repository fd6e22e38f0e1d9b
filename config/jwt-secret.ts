import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from './config.error.js';
import { makeDirectory } from './data-directory.js';

const SECRET_BYTES = 48;

/**
 * The secret that a development machine keeps in its data directory, so that nobody has to invent
 * one before the first start and sessions outlive restarts.
 */
export function keptJwtSecret(dataDir: string): string {
  const path = join(dataDir, 'jwt-secret');
  try {
    const secret = readIfExists(path) ?? create(dataDir, path);
    chmodSync(path, 0o600);
    if (secret.length >= 32) return secret;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError([
      `DATA_DIR must be a directory that can be written to (${code}), also to keep a JWT_SECRET`,
    ]);
  }
  throw new ConfigError([
    'JWT_SECRET must be set, or the file jwt-secret in DATA_DIR be deleted: it is too short',
  ]);
}

/**
 * Whole or not at all, and never over another: the file gets its name by link(), which fails if
 * the name is taken, so processes that start together end up with the secret of the first.
 */
function create(dataDir: string, path: string): string {
  makeDirectory(dataDir);
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(draft, randomBytes(SECRET_BYTES).toString('base64url'), {
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
