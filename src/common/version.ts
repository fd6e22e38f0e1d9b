import { existsSync, readFileSync } from 'node:fs';

/** The version in package.json, which lies beside src, and two levels above the compiled files. */
export const VERSION: string = readVersion(new URL('.', import.meta.url));

function readVersion(directory: URL): string {
  const file = new URL('package.json', directory);
  if (!existsSync(file)) return readVersion(new URL('..', directory));
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
