import { readOptions, USAGE } from './options.ts';
import { publish } from './report.ts';
import { ScaleRun } from './scale-run.ts';

const options = readOptions(process.argv.slice(2));
if (options) {
  const run = await ScaleRun.start(options);
  try {
    publish(await run.measure(), await run.postgresVersion(), options.out);
  } finally {
    await run.remove();
  }
} else {
  process.stdout.write(USAGE);
}
