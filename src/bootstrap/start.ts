import cluster from 'node:cluster';
import type { AppConfig } from '../../config/app-config.js';
import { ConfigError } from '../../config/config.error.js';
import { insistOnDataDirectory } from '../../config/data-directory.js';
import { processConfig } from '../../config/load-config.js';

/** Runs the service as it is configured, in this process or in several. */
export async function start(): Promise<void> {
  const config = readConfig();
  const isSupervisor = config.server.workers > 1 && cluster.isPrimary;
  // The supervisor needs little of the code, so it need not load the rest.
  if (isSupervisor) await (await import('./supervisor/supervisor.js')).supervise(config);
  else await (await import('./serve.js')).serve(config);
}

/** A wrong configuration is the operator's to repair: the message is all they need. */
function readConfig(): AppConfig {
  try {
    const config = processConfig();
    insistOnDataDirectory(config);
    return config;
  } catch (error) {
    if (error instanceof ConfigError) {
      console.error(error.message);
      process.exit(1);
    }
    throw error;
  }
}
