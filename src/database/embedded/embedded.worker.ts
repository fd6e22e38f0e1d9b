import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { btree_gin } from '@electric-sql/pglite/contrib/btree_gin';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { query } from './frames.js';
import { WireServer } from './wire-server.js';

/** What EmbeddedDatabase starts this thread with. */
export interface EmbeddedWorkerData {
  dataDirectory: string;
  listen: { path: string } | { host: string; port: number };
  password?: string;
}

/** What the migrations ask for with CREATE EXTENSION. */
const EXTENSIONS = { btree_gin, pg_trgm };

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
  // Lets the farewell to the clients leave first.
  setTimeout(() => void stop(), 20);
});

// PGlite has no background processes: nobody else would ever trim the log or collect statistics.
let checkpoints = 0;
const maintenance = setInterval(() => {
  if (database.isInTransaction()) return;
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

/** Makes a new database beside its place and moves it there: one killed half-way is not mistaken for one. */
async function open(directory: string): Promise<PGlite> {
  if (!existsSync(join(directory, 'PG_VERSION'))) {
    const fresh = `${directory}.new`;
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(fresh, { mode: 0o700 });
    await (await PGlite.create(fresh)).close();
    renameSync(fresh, directory);
  }
  return PGlite.create(directory, {
    extensions: EXTENSIONS,
    // 128 MB, the default, would be half of the memory of the process; the system caches files, too.
    startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=32MB'],
  });
}
