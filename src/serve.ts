import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import type { AppConfig } from '../config/app-config.js';
import { createApp } from './app.setup.js';
import { DatabaseStatus } from './database/database-status.js';
import { AppLogger } from './observability/app.logger.js';
import { stopOnDefects, stopOnSignals } from './shutdown.js';
import { announceReady, listensWhenReady } from './supervisor/worker-process.js';
import { welcome } from './welcome.js';

/** Serves in this process, until it is told to stop. */
export async function serve(config: AppConfig): Promise<void> {
  const { port, host } = config.server;
  const logger = new AppLogger(config.logging);
  stopOnDefects(logger);
  // On one core, the helpers of a collection take it from each other while redirects wait for all.
  if (availableParallelism() === 1) setFlagsFromString('--no-parallel-scavenge');
  try {
    const app = await createApp(config, logger);
    stopOnSignals(app, config.server, logger);
    const ready = app.get(DatabaseStatus).whenReady();
    await app.init();
    if (listensWhenReady()) await ready;
    await app.listen(port, host);
    welcome(config.server, await app.getUrl(), logger);
    void ready.then(announceReady);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') logger.fatal(`Port ${port} of ${host} is in use; set another PORT`);
    else logger.fatal(error);
    logger.flush();
    process.exit(1);
  }
}
