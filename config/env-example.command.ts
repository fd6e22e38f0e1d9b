import { readFileSync, writeFileSync } from 'node:fs';
import { envExample } from './env-example.js';

/* Writes .env.example; with --check only tells whether it is the one that would be written. */

const FILE = '.env.example';

if (!process.argv.includes('--check')) {
  writeFileSync(FILE, envExample());
} else if (current() !== envExample()) {
  console.error(`${FILE} does not fit the classes in config/. Run: npm run env:example`);
  process.exitCode = 1;
}

function current(): string | undefined {
  try {
    return readFileSync(FILE, 'utf8');
  } catch {
    return undefined;
  }
}
