import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import type { AppConfig } from '../../config/app-config.js';
import { createApp } from '../app.setup.js';
import { DatabaseStatus } from '../platform/database/database-status.js';
import { UnsuitableDatabase } from '../platform/database/unsuitable-database.js';
import { AppLogger } from '../platform/observability/app.logger.js';
import { createMetricsServer } from '../platform/observability/metrics.route.js';
import { MetricsService } from '../platform/observability/metrics.service.js';
import { OperatorAccess } from '../platform/observability/operator-access.js';
import { exitOnSignals, stopOnDefects, stopOnSignals, surviveHangUp } from './shutdown.js';
import { announceReady, listensWhenReady } from './supervisor/worker-process.js';
import { warnOfDoubtfulSettings, welcome } from './welcome.js';

/**
 * A proxy sends requests as soon as somebody listens, and until the database is there many would be 503.
 * Without one the process answers its health checks after this time.
 */
const LISTENS_WITHIN_MS = 3_000;

/** Serves in this process, until it is told to stop. */
export async function serve(config: AppConfig): Promise<void> {
  const { port, host } = config.server;
  const { metricsPort } = config.operations;
  const logger = new AppLogger(config.logging);
  stopOnDefects(logger);
  exitOnSignals(logger);
  surviveHangUp(logger);
  warnOfDoubtfulSettings(logger);
  // On one core, the helpers of a collection take it from each other while redirects wait for all.
  if (availableParallelism() === 1) setFlagsFromString('--no-parallel-scavenge');
  try {
    const app = await createApp(config, logger);
    const database = app.get(DatabaseStatus);
    const ready = Promise.race([database.whenReady(), database.whenUnsuitable()]);
    // It is awaited below, and may reject before.
    ready.catch(() => undefined);
    await app.init();
    const soon = sleep(LISTENS_WITHIN_MS, undefined, { ref: false });
    await (listensWhenReady() ? ready : Promise.race([ready, soon]));
    await app.listen(port, host);
    if (metricsPort !== undefined) {
      // Open until the process ends: a drain is worth watching.
      const metrics = createMetricsServer(app.get(MetricsService), app.get(OperatorAccess));
      await once(metrics.listen(metricsPort, host), 'listening');
    }
    welcome(config, await app.getUrl(), logger);
    await ready;
    stopOnSignals(app, config.server, logger);
    announceReady();
  } catch (error) {
    const { code, port: taken } = error as NodeJS.ErrnoException & { port?: number };
    const setting = taken === metricsPort ? 'METRICS_PORT' : 'PORT';
    if (code === 'EADDRINUSE') {
      logger.fatal(`Port ${taken ?? port} of ${host} is in use; set another ${setting}`);
    } else logger.fatal(error instanceof UnsuitableDatabase ? error.message : error);
    logger.flush();
    process.exit(1);
  }
}
