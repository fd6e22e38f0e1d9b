import { parentPort, workerData } from 'node:worker_threads';
import { PoolSockets } from '../../platform/database/pool-sockets.js';
import { AverageLoad } from '../../platform/scheduling/average-load.js';
import { ClickEnricher } from './click-enricher.js';
import { CountryLookup } from '../../platform/countries/country-lookup.js';
import { IngestionLoop, type LoopOptions } from './ingestion-loop.js';
import type { IngestionProgress } from './ingestion.types.js';
import { openSession, type SessionOptions } from './ingestion-session.js';
import { SpoolReader } from './spool-reader.js';

export interface IngesterWorkerData extends LoopOptions, SessionOptions {
  geoipDatabase?: string;
  maxLagMs: number;
  /** Whether the schema is complete; else 'begin' will say so. */
  isDatabaseReady: boolean;
  /** `memory` of the AverageLoad of the main thread. */
  redirectLoad: SharedArrayBuffer;
}

/** What the main thread tells: to begin, to stop, or whether PostgreSQL answers. */
export type IngesterMessage = 'begin' | 'stop' | { answers: boolean };

/** What the thread tells: how far it is, or what to warn the operator of. */
export type IngesterReport = IngestionProgress | { warning: string };

const options = workerData as IngesterWorkerData;
const port = parentPort!;
const enricher = new ClickEnricher(await CountryLookup.open(options.geoipDatabase));
const reader = new SpoolReader(options.spoolRoot);
// Batches may take long, so silence alone means nothing.
const sockets = new PoolSockets(0);
const load = new AverageLoad(options.redirectLoad);
let isReady = options.isDatabaseReady;
const loop = new IngestionLoop(
  options,
  reader,
  // Until then it tells what waits.
  (lagMs) => isReady && load.allows(lagMs, options.maxLagMs),
  () => openSession(options, enricher, sockets, warnOfSalt),
  report,
);

port.on('message', (message: IngesterMessage) => {
  if (message === 'stop') loop.stop();
  else if (message === 'begin') isReady = true;
  else sockets.note(message.answers);
});
await loop.run();
// This thread alone, at once: connections that the network has lost would keep it for minutes.
process.exit();

function report(message: IngesterReport): void {
  port.postMessage(message);
}

function warnOfSalt(day: string): void {
  const warning = `The salt of ${day} cannot be read with this JWT_SECRET, so there is another one now: visitors of that day may count twice.`;
  report({ warning });
}
