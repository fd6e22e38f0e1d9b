import { parseArgs } from 'node:util';
import { assignCores } from './cores.ts';
import { findLoadGenerator } from './load/find-load-generator.ts';
import { measureIsolation } from './isolation.ts';
import { isolationTable } from './report/table.ts';
import { withSurroundings } from './surroundings.ts';

const USAGE = `Usage: npm run bench:isolation -- [seconds]
  seconds   length of each measurement; 15 if not given
`;

/** `npm run bench:isolation`: what redirects notice of everything else, without the contest. */
const { values, positionals } = parseArgs({
  options: { help: { type: 'boolean', default: false } },
  allowPositionals: true,
});
if (values.help) {
  process.stdout.write(USAGE);
  process.exit();
}
const seconds = Number(positionals[0] ?? 15);
await withSurroundings(1_000, assignCores(), async (around) => {
  const generator = findLoadGenerator(around.cores);
  const isolation = await measureIsolation(around, generator, seconds);
  process.stdout.write(isolationTable(isolation));
});
