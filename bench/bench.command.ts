import { allContenders } from './contenders/catalogue.ts';
import { Contest } from './contest.ts';
import { measureIsolation } from './isolation.ts';
import { findLoadGenerator } from './load/find-load-generator.ts';
import { readOptions, USAGE } from './options.ts';
import { about } from './report/about.ts';
import { publish } from './report/publish.ts';
import type { Results } from './report/results.types.ts';
import { measureStartups } from './startup.ts';
import { withSurroundings } from './surroundings.ts';
import { measureSustained } from './sustained.ts';

/** `npm run bench`: Signpost beside its limits and the common design, in one run on one machine. */
const options = readOptions(process.argv.slice(2));
if (!options) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const { only, sizes, parts, isolationSeconds } = options;

await withSurroundings(Math.max(...sizes), async (around) => {
  const generator = findLoadGenerator(around.cores);
  const contenders = allContenders(around).filter(
    ({ name }) => only.length === 0 || only.includes(name),
  );
  const results: Results = {
    about: about(options, generator, around.cores, around.postgres),
    burst: await new Contest(contenders, generator, around.codes, options).run(),
    sustained: [],
    startup: [],
  };
  // After each part, so that a run that is broken off was not for nothing.
  publish(results, options.out);
  if (parts.includes('startup')) results.startup = await measureStartups(around);
  if (parts.includes('isolation')) {
    results.isolation = await measureIsolation(around, generator, isolationSeconds);
    publish(results, options.out);
  }
  if (parts.includes('sustained')) {
    for (const durability of ['process', 'disk'] as const) {
      results.sustained.push(...(await measureSustained(durability, around, generator, options)));
      publish(results, options.out);
    }
  }
  process.stdout.write(`\n${publish(results, options.out)}`);
});
