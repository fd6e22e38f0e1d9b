import { once } from 'node:events';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { query } from './frames.js';
import { PGLITE_OPTIONS } from './pglite-options.js';
import { WireServer } from './wire-server.js';

/** What EmbeddedDatabase starts this thread with. */
export interface EmbeddedWorkerData {
  dataDirectory: string;
  listen: { path: string } | { host: string; port: number };
  password?: string;
}

const CHECKPOINT_EVERY_MS = 5 * 60_000;
const VACUUM_EVERY_CHECKPOINTS = 12;

const { dataDirectory, listen, password } = workerData as EmbeddedWorkerData;
const port = parentPort!;

const database = await open(dataDirectory);
const wire = new WireServer(database, {
  password,
  onBroken: (error) => {
    // The log of PostgreSQL brings back all that was committed when the next worker opens it.
    setImmediate(() => {
      throw error instanceof Error ? error : new Error(`PGlite failed: ${String(error)}`);
    });
  },
});

const server = createServer((socket) => wire.accept(socket));
if ('path' in listen) rmSync(listen.path, { force: true });
server.listen(listen, () => {
  if ('path' in listen) chmodSync(listen.path, 0o600);
  port.postMessage('ready');
});

port.once('message', () => {
  server.close();
  wire.close();
  // The clients have to hear of it first.
  setTimeout(() => void stop(), 20);
});

// PGlite has no background processes: nobody else would ever trim the log or collect statistics.
let checkpoints = 0;
const maintenance = setInterval(() => {
  if (wire.isBusy) return;
  checkpoints += 1;
  database.execProtocolRawSync(query('CHECKPOINT'));
  if (checkpoints % VACUUM_EVERY_CHECKPOINTS === 0) {
    database.execProtocolRawSync(query('VACUUM (ANALYZE)'));
  }
}, CHECKPOINT_EVERY_MS);
maintenance.unref();

async function stop(): Promise<void> {
  database.execProtocolRawSync(query('ROLLBACK'));
  database.execProtocolRawSync(query('CHECKPOINT'));
  await database.close();
  process.exit(0);
}

/** The thread that makes a new database takes some 500 MB, which only its end gives back. */
async function open(directory: string): Promise<PGlite> {
  if (!existsSync(join(directory, 'PG_VERSION'))) {
    const maker = new Worker(new URL('./make-database.worker.js', import.meta.url), { workerData });
    await once(maker, 'exit');
  }
  return PGlite.create(directory, PGLITE_OPTIONS);
}
