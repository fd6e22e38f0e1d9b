import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Deletes from dist/ what the compiler made of sources that are gone: it never does so itself, and
 * a migration among them would still be run. The rest stays, for incremental builds and for
 * processes that run from there.
 */
const files = existsSync('dist') ? readdirSync('dist', { recursive: true }) : [];
for (const file of files) {
  const source = file.replace(/\.js(\.map)?$/, '.ts');
  if (source !== file && !existsSync(source)) rmSync(join('dist', file), { force: true });
}
