import { setTimeout as sleep } from 'node:timers/promises';
import { constants } from 'node:os';
import cluster from 'node:cluster';
import type { Server, ServerResponse } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ServerConfig } from '../../config/server.config.js';
import type { AppLogger } from '../platform/observability/app.logger.js';
import { LifecycleService } from '../platform/observability/lifecycle.service.js';
import { MetricsService } from '../platform/observability/metrics.service.js';
import { onStopSignal, type StopSignal } from './stop-signals.js';

/** npm passes Ctrl-C on to us, although the terminal has sent it to us already. */
const SAME_SIGNAL_MS = 200;
const CLOSE_IDLE_EVERY_MS = 50;
/** Busy clients send their next request within this time, and learn that the connection ends. */
const DRAIN_CONNECTIONS_MS = 250;

/**
 * Ends the application without losing a request: readiness fails first, clients are told to end
 * their connections, the port is closed, the requests under way are answered, and only then the
 * modules are told (the spool drains there, while the database is still connected).
 */
export async function stopApp(app: NestFastifyApplication, delaySeconds = 0): Promise<void> {
  app.get(LifecycleService).beginStopping();
  const metrics = app.get(MetricsService);
  await sleep(delaySeconds * 1_000);
  const server = app.getHttpServer();
  await drainConnections(server);
  // Node closes the connections that are idle now, but not those that become idle later.
  const closing = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
  try {
    await app.getHttpAdapter().close();
  } finally {
    clearInterval(closing);
  }
  await app.close();
  await metrics.handOver();
}

/**
 * A connection that is idle when it is closed may have a request on its way, which then fails. So
 * those in use are ended by their clients, who do not send on them after this header.
 */
async function drainConnections(server: Server): Promise<void> {
  if (!server.listening) return;
  server.prependListener('request', (_request, response: ServerResponse) => {
    response.setHeader('connection', 'close');
  });
  await sleep(DRAIN_CONNECTIONS_MS);
}

/**
 * Until the process is ready: nobody has been sent here, so there is nobody to wait for, and what
 * waits for a database that is down would wait in vain.
 */
export function exitOnSignals(logger: AppLogger): void {
  onStopSignal((signal) => {
    logger.log(`${signal}: stopped before it was ready`, 'Shutdown');
    exit(logger, 0);
  });
}

/** Ends the process on SIGTERM and Ctrl-C within the grace period; at once when told twice. */
export function stopOnSignals(
  app: NestFastifyApplication,
  config: Pick<ServerConfig, 'shutdownDelaySeconds' | 'shutdownGraceSeconds'>,
  logger: AppLogger,
): void {
  let since: number | undefined;
  const stop = async (signal: StopSignal): Promise<void> => {
    if (since !== undefined) {
      if (Date.now() - since > SAME_SIGNAL_MS) exit(logger, 128 + constants.signals[signal]);
      return;
    }
    since = Date.now();
    logger.log(`${signal}: stopping`, 'Shutdown');
    forceAfter(app, config.shutdownGraceSeconds * 1_000, logger);
    try {
      // A person at a terminal has no load balancer to wait for.
      await stopApp(app, signal === 'SIGTERM' ? config.shutdownDelaySeconds : 0);
      logger.log('Stopped', 'Shutdown');
      exit(logger, 0);
    } catch (error) {
      logger.error(error, 'Shutdown');
      exit(logger, 1);
    }
  };
  onStopSignal((signal) => void stop(signal));
}

/**
 * SIGHUP asks for a reload, which needs several workers; their supervisor does it. At a terminal it
 * says that the terminal is gone, which ends the process as usual.
 */
export function surviveHangUp(logger: AppLogger): void {
  if (cluster.isWorker) process.on('SIGHUP', () => undefined);
  else if (!process.stdout.isTTY) {
    process.on('SIGHUP', () => logger.warn('SIGHUP: a single process cannot reload', 'Shutdown'));
  }
}

/**
 * Requests may take half of the grace period; the other half is for storing clicks. The last timer
 * also keeps the process from ending by itself, with work still waiting in other threads.
 */
function forceAfter(app: NestFastifyApplication, graceMs: number, logger: AppLogger): void {
  setTimeout(() => app.getHttpServer().closeAllConnections(), graceMs / 2).unref();
  setTimeout(() => {
    logger.error('The grace period is over; what was not finished is left to the next start');
    exit(logger, 1);
  }, graceMs - 250);
}

/** An error nobody handled leaves the process in an unknown state: say so, and let it be restarted. */
export function stopOnDefects(logger: AppLogger): void {
  const die = (error: unknown): void => {
    logger.fatal(error instanceof Error ? error : new Error(String(error)), 'Process');
    exit(logger, 1);
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
}

function exit(logger: AppLogger, code: number): never {
  logger.flush();
  process.exit(code);
}
