import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { keptSecret } from './kept-secret.js';

const FILE = 'setup-token';
const TOKEN_BYTES = 24;

/** The token of whoever makes the first account, if SETUP_TOKEN is not set: made up, and kept here. */
export function keptSetupToken(dataDir: string): string {
  const token = keptSecret(dataDir, FILE, TOKEN_BYTES);
  if (Buffer.from(token, 'base64url').length === TOKEN_BYTES) return token;
  // What is left of a damaged file is no secret.
  forgetSetupToken(dataDir);
  return keptSecret(dataDir, FILE, TOKEN_BYTES);
}

export function forgetSetupToken(dataDir: string): void {
  rmSync(join(dataDir, FILE), { force: true });
}
