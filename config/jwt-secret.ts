import { ConfigError } from './config.error.js';
import { keptSecret } from './kept-secret.js';

const SECRET_BYTES = 48;

/**
 * The secret that a development machine keeps in its data directory, so that nobody has to invent
 * one before the first start and sessions outlive restarts.
 */
export function keptJwtSecret(dataDir: string): string {
  try {
    const secret = keptSecret(dataDir, 'jwt-secret', SECRET_BYTES);
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
