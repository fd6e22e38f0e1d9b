import { dropDatabasesOf } from './database.ts';

export default async function globalTeardown(): Promise<void> {
  const run = globalThis.signpostTestRun;
  globalThis.signpostTestRun = undefined;
  if (run?.cluster) await run.cluster.remove();
  else if (run) await dropDatabasesOf(run.admin, run.template);
}
