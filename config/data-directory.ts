import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AppConfig } from './app-config.js';
import { ConfigError } from './config.error.js';

/** Of a full disk: redirects work without it, and clicks once there is room. */
const FULL = new Set(['ENOSPC', 'EDQUOT']);
/** Made by the embedded database, which wants to find nothing there. */
const LEFT_TO_BE_MADE = 'postgres';

/**
 * Makes DATA_DIR and what a server needs in it, unless it is there.
 * @throws ConfigError if nothing can be written there: no click would survive, on any database
 */
export function insistOnDataDirectory({
  server,
  database,
}: Pick<AppConfig, 'server' | 'database'>): void {
  const parts = database.url === undefined ? ['spool', 'run', LEFT_TO_BE_MADE] : ['spool'];
  for (const part of ['', ...parts]) {
    const path = join(server.dataDir, part);
    if (part === LEFT_TO_BE_MADE && !existsSync(path)) continue;
    try {
      makeDirectory(path);
      accessSync(path, constants.W_OK | constants.X_OK);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (FULL.has(String(code))) return;
      const what = part === '' ? 'DATA_DIR' : `The directory ${part} in DATA_DIR`;
      throw new ConfigError([`${what} must be a directory that can be written to (${code})`]);
    }
  }
}

/**
 * Makes the directory, and those above it, unless it is there. Where none can be made (/proc, say) the
 * recursive mkdir of Node.js tries for ever.
 */
export function makeDirectory(path: string): void {
  if (!existsSync(dirname(path))) makeDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Here already, perhaps made by another process that starts.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
