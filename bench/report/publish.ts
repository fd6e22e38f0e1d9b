import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cores } from '../cores.ts';
import { chart } from './chart.ts';
import type { Results } from './results.types.ts';
import { resultTables } from './table.ts';

/** Writes the tables, the numbers and a chart; returns the tables. */
export function publish(results: Results, cores: Cores, directory: string): string {
  const tables = resultTables(results);
  mkdirSync(directory, { recursive: true });
  const write = (name: string, text: string): void => writeFileSync(join(directory, name), text);
  write('results.json', `${JSON.stringify(results, null, 2)}\n`);
  write('results.md', tables);
  if (results.burst.length > 0) write('chart.svg', chart(results, cores));
  return tables;
}
