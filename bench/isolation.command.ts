import { assignCores } from './cores.ts';
import { findLoadGenerator } from './load/find-load-generator.ts';
import { measureIsolation } from './isolation.ts';
import { isolationTable } from './report/table.ts';
import { withSurroundings } from './surroundings.ts';

/** `npm run bench:isolation [seconds]` */
const seconds = Number(process.argv[2] ?? 15);
await withSurroundings(1_000, assignCores(), async (around) => {
  const generator = findLoadGenerator(around.cores);
  const isolation = await measureIsolation(around, generator, seconds);
  process.stdout.write(isolationTable(isolation));
});
