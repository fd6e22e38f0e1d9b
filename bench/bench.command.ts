import { Contest } from './contest.ts';
import { allContenders } from './contenders/catalogue.ts';
import { findLoadGenerator } from './load/find-load-generator.ts';
import { readOptions, USAGE } from './options.ts';
import { publish } from './report/publish.ts';
import { withSurroundings } from './surroundings.ts';

const options = readOptions(process.argv.slice(2));
if (!options) {
  process.stdout.write(USAGE);
  process.exit(0);
}
await withSurroundings(Math.max(...options.sizes), async (around) => {
  const load = findLoadGenerator(around.cores);
  const contenders = allContenders(around).filter(
    ({ name }) => options.only.length === 0 || options.only.includes(name),
  );
  const contest = new Contest(contenders, load, around.codes, options);
  const measurements = await contest.run();
  publish({ measurements }, { load, cores: around.cores, options });
});
