import cluster from 'node:cluster';
import type { AppConfig } from '../config/app-config.js';
import { ConfigError } from '../config/config.error.js';
import { processConfig } from '../config/load-config.js';
import { createApp } from './app.setup.js';
import { AppLogger } from './observability/app.logger.js';
import { stopOnDefects, stopOnSignals } from './shutdown.js';
import { Supervisor } from './supervisor.js';
import { welcome } from './welcome.js';

/** A wrong configuration is the operator's to repair: the message is all they need. */
function readConfig(): AppConfig {
  try {
    return processConfig();
  } catch (error) {
    if (error instanceof ConfigError) {
      console.error(error.message);
      process.exit(1);
    }
    throw error;
  }
}

async function start(config: AppConfig): Promise<void> {
  const { port, host } = config.server;
  const logger = new AppLogger(config.logging);
  stopOnDefects(logger);
  try {
    const app = await createApp(config, logger);
    stopOnSignals(app, config.server, logger);
    await app.listen(port, host);
    welcome(config.server, await app.getUrl(), logger);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') logger.fatal(`Port ${port} of ${host} is in use; set another PORT`);
    else logger.fatal(error);
    logger.flush();
    process.exit(1);
  }
}

const config = readConfig();
if (config.server.workers > 1 && cluster.isPrimary) {
  new Supervisor(config.server.workers, new AppLogger(config.logging)).start();
} else {
  await start(config);
}
