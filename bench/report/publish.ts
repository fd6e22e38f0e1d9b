import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chart } from './chart.ts';
import type { Results } from './results.types.ts';
import { resultTables } from './table.ts';

/** Prints the tables, and writes them, the numbers and a chart. */
export function publish(results: Results, directory: string): void {
  const tables = resultTables(results);
  process.stdout.write(`\n${tables}`);
  mkdirSync(directory, { recursive: true });
  const write = (name: string, text: string): void => writeFileSync(join(directory, name), text);
  write('results.json', `${JSON.stringify(results, null, 2)}\n`);
  write('results.md', tables);
  if (results.burst.length > 0) write('chart.svg', chart(results));
}
