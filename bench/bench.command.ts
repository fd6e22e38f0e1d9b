import { allContenders, contendersWithDatabase, signpostWorkers } from './contenders/catalogue.ts';
import type { Contender, Surroundings } from './contenders/contender.ts';
import { Contest } from './contest.ts';
import { assignCores, type Cores, onEveryCore, onOneCore } from './cores.ts';
import { measureIsolation } from './isolation.ts';
import { findLoadGenerator } from './load/find-load-generator.ts';
import type { Measurement } from './measurement.ts';
import { readOptions, USAGE } from './options.ts';
import { about } from './report/about.ts';
import { publish } from './report/publish.ts';
import type { Results } from './report/results.types.ts';
import { measureStartups } from './startup.ts';
import { GIVEN_DATABASE, withSurroundings } from './surroundings.ts';
import { measureSustained } from './sustained.ts';

/** `npm run bench`: Signpost beside its limits and the common design, in one run on one machine. */
const options = readOptions(process.argv.slice(2));
if (!options) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const { only, sizes, parts, isolationSeconds, out } = options;
const cores = assignCores();
const generator = findLoadGenerator(cores);
const mostLinks = Math.max(...sizes);

const results = await withSurroundings(mostLinks, cores, async (around) => {
  const measured: Results = {
    about: about(options, generator, cores, around.postgres),
    burst: await contestOf(allContenders, around),
    oneCore: [],
    workers: [],
    sustained: [],
    startup: [],
  };
  // After each part, so that a run that is broken off was not for nothing.
  publish(measured, cores, out);
  if (parts.includes('startup')) measured.startup = await measureStartups(around);
  if (parts.includes('isolation')) {
    measured.isolation = await measureIsolation(around, generator, isolationSeconds);
    publish(measured, cores, out);
  }
  if (parts.includes('sustained')) {
    for (const durability of ['process', 'disk'] as const) {
      measured.sustained.push(...(await measureSustained(durability, around, generator, options)));
      publish(measured, cores, out);
    }
  }
  return measured;
});
// Only where both can be put there.
if (parts.includes('one-core') && cores.server !== undefined && GIVEN_DATABASE === undefined) {
  results.oneCore = await contestOn(onOneCore(cores), contendersWithDatabase);
  publish(results, cores, out);
}
if (parts.includes('workers')) {
  results.workers = await contestOn(onEveryCore(cores), signpostWorkers);
}
process.stdout.write(`\n${publish(results, cores, out)}`);

type Catalogue = (around: Surroundings) => Contender[];

function contestOn(those: Cores, catalogue: Catalogue): Promise<Measurement[]> {
  return withSurroundings(mostLinks, those, (around) => contestOf(catalogue, around));
}

function contestOf(catalogue: Catalogue, around: Surroundings): Promise<Measurement[]> {
  const contenders = catalogue(around).filter(
    ({ name }) => only.length === 0 || only.includes(name),
  );
  return new Contest(contenders, findLoadGenerator(around.cores), around.codes, options!).run();
}
