import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabaseOn, type TestDatabase } from '../test/support/database.ts';
import { CodeSet } from './code-set.ts';
import type { Surroundings } from './contenders/contender.ts';
import { type Cores, giveWay, moveAside } from './cores.ts';
import { POSTGRES, startPostgres } from './postgres.ts';

/** The PostgreSQL to be used; a throwaway one, if undefined. */
export const GIVEN_DATABASE = process.env['BENCH_DATABASE_URL'] ?? process.env['TEST_DATABASE_URL'];

const ENDING = ['SIGINT', 'SIGTERM'] as const;

/** Runs the work with a PostgreSQL and a directory, and cleans up behind it. */
export async function withSurroundings<T>(
  codeCount: number,
  cores: Cores,
  work: (around: Surroundings) => Promise<T>,
): Promise<T> {
  // Servers are ended when this process exits, which a signal alone does not make it do.
  const exit = (): void => process.exit(1);
  for (const signal of ENDING) process.once(signal, exit);
  moveAside(cores);
  const directory = mkdtempSync(join(tmpdir(), 'signpost-bench-'));
  const databases: TestDatabase[] = [];
  const given = GIVEN_DATABASE;
  const cluster = given === undefined ? await startPostgres() : undefined;
  // Sessions are forked by the postmaster, and inherit it.
  if (cores.rest === cores.load && cluster) giveWay(cluster.processes);
  try {
    return await work({
      cores,
      directory,
      postgres:
        given === undefined ? POSTGRES : 'the one of BENCH_DATABASE_URL or TEST_DATABASE_URL',
      codes: new CodeSet(codeCount, join(directory, 'codes.tsv')),
      createDatabase: async () => {
        const database = await createDatabaseOn(given ?? cluster!.url, 'signpost_bench');
        databases.push(database);
        return database.url;
      },
    });
  } finally {
    if (cluster) await cluster.remove();
    else for (const database of databases) await database.drop();
    rmSync(directory, { recursive: true, force: true });
    for (const signal of ENDING) process.off(signal, exit);
  }
}
