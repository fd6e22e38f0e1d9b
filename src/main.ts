import cluster from 'node:cluster';
import type { AppConfig } from '../config/app-config.js';
import { ConfigError } from '../config/config.error.js';
import { processConfig } from '../config/load-config.js';

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

const config = readConfig();
const isSupervisor = config.server.workers > 1 && cluster.isPrimary;
// The supervisor needs little of the code, so it need not load the rest.
if (isSupervisor) await (await import('./supervisor/supervisor.js')).supervise(config);
else await (await import('./serve.js')).serve(config);
