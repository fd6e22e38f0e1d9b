import cluster from 'node:cluster';
import type { AppConfig } from '../../../config/app-config.js';
import { loadProcessConfig } from '../../../config/load-config.js';
import { AppLogger } from '../../platform/observability/app.logger.js';
import { MetricsCollector } from '../../platform/observability/metrics.collector.js';
import { onStopSignal } from '../stop-signals.js';
import { warnOfDoubtfulSettings } from '../welcome.js';
import { WorkerPool } from './worker-pool.js';
import { WorkerProcess } from './worker-process.js';

/**
 * Runs the service in several processes that share the port, until SIGTERM or Ctrl-C; SIGHUP
 * replaces them. They need nothing of one another: each writes a spool of its own, and one of them
 * ingests all spools.
 */
export async function supervise(config: AppConfig): Promise<never> {
  const logger = new AppLogger(config.logging);
  warnOfDoubtfulSettings(logger);
  const pool = new WorkerPool(config.server, (whenReady) => new WorkerProcess(whenReady), logger);
  // Workers accept for themselves. Handed out by the primary (node's default), the connection on
  // its way to a worker that is killed would be left open, and its client waiting for ever.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  onStopSignal((signal) => pool.stop(signal));
  process.on('SIGHUP', reloader(pool, logger));
  new MetricsCollector().listen();
  pool.fill();
  const exitCode = await pool.ended;
  logger.flush();
  process.exit(exitCode);
}

/** Signals that come during a reload make for one more: what they announce may have been missed. */
function reloader(pool: WorkerPool, logger: AppLogger): () => void {
  let wanted = 0;
  const run = async (): Promise<void> => {
    while (wanted > 0) {
      const met = wanted;
      await reload(pool, logger);
      wanted -= met;
    }
  };
  return () => {
    wanted += 1;
    if (wanted === 1) void run();
  };
}

/** New workers read the code and the configuration anew; this process only how many there are. */
async function reload(pool: WorkerPool, logger: AppLogger): Promise<void> {
  logger.log('SIGHUP: replacing the workers one by one', 'Supervisor');
  try {
    await pool.replaceAll(loadProcessConfig().server);
    logger.log('All workers are replaced', 'Supervisor');
  } catch (error) {
    logger.error(`The reload is given up: ${(error as Error).message}`, 'Supervisor');
  }
}
