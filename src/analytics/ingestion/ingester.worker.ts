import { parentPort, workerData } from 'node:worker_threads';
import { lowerThreadPriority } from '../../common/thread-priority.js';
import { PoolSockets } from '../../database/pool-sockets.js';
import { ClickEnricher } from './click-enricher.js';
import { CountryLookup } from './country-lookup.js';
import { IngestionLoop, type LoopOptions } from './ingestion-loop.js';
import { IngestionPacer } from './ingestion-pacer.js';
import type { IngestionProgress } from './ingestion.types.js';
import { openSession, type SessionOptions } from './ingestion-session.js';
import { RedirectLoad } from './redirect-load.js';
import { SpoolReader } from './spool-reader.js';

export interface IngesterWorkerData extends LoopOptions, SessionOptions {
  geoipDatabase?: string;
  maxLagMs: number;
  /** How much is taken at once when the thread has given way. */
  atLowPriority: Pick<LoopOptions & SessionOptions, 'maxBatchBytes' | 'maxTransactionBytes'>;
  /** Whether the schema is complete; else 'begin' will say so. */
  isDatabaseReady: boolean;
  /** `memory` of the RedirectLoad of the main thread. */
  redirectLoad: SharedArrayBuffer;
}

/** What the main thread tells: to begin, to give way, to stop, or whether PostgreSQL answers. */
export type IngesterMessage = 'begin' | 'give way' | 'stop' | { answers: boolean };

/** What the thread tells: how far it is, or what to warn the operator of. */
export type IngesterReport = IngestionProgress | { warning: string };

const options = workerData as IngesterWorkerData;
const port = parentPort!;
const enricher = new ClickEnricher(await CountryLookup.open(options.geoipDatabase));
const reader = new SpoolReader(options.spoolRoot);
// Batches may take long, so silence alone means nothing.
const sockets = new PoolSockets(0);
const load = new RedirectLoad(options.redirectLoad);
const pacer = new IngestionPacer(() => load.current, options.maxLagMs);
let isReady = options.isDatabaseReady;
const loop = new IngestionLoop(
  options,
  reader,
  // Until then it tells what waits.
  { mayIngest: (lagMs) => isReady && pacer.mayIngest(lagMs) },
  () => openSession(options, enricher, sockets, warnOfSalt),
  report,
);

port.on('message', (message: IngesterMessage) => {
  if (message === 'stop') loop.stop();
  else if (message === 'begin') isReady = true;
  else if (message === 'give way') giveWay();
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

/** At once, also in the middle of a batch; the next ones are smaller. */
function giveWay(): void {
  lowerThreadPriority();
  Object.assign(options, options.atLowPriority);
}
