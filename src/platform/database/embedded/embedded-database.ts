import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Logger } from '@nestjs/common';
import { LONGEST_SOCKET_PATH, SocketLock } from '../../../common/socket-lock.js';
import type { EmbeddedEndpoint } from '../connection.js';
import type { EmbeddedWorkerData } from './embedded.worker.js';

const PORT = 5432;
const STOP_MS = 10_000;
const SLOWEST_RESTART_MS = 30_000;

export interface EmbeddedOptions {
  /** The compiled worker, for tests that run from the sources. */
  worker?: URL;
}

/**
 * PostgreSQL inside this process: PGlite in a thread of its own, because it blocks its thread while
 * it works, served to ordinary `pg` clients over a socket that only this user may open.
 * What was committed survives a SIGKILL of the process, not a loss of power.
 */
export class EmbeddedDatabase {
  private readonly logger = new Logger(EmbeddedDatabase.name);
  private worker: Worker;
  private announceListening: () => void;
  /** Resolves when clients can connect for the first time. */
  readonly listening = new Promise<void>((done) => {
    this.announceListening = done;
  });
  private stopping = false;

  private constructor(
    private readonly lock: SocketLock,
    private readonly workerUrl: URL,
    private readonly data: EmbeddedWorkerData,
    readonly endpoint: EmbeddedEndpoint,
    private readonly temporary: string | undefined,
  ) {
    this.start(1_000);
  }

  /**
   * Returns at once; clients are let in when the database has started.
   * @throws if another process has the data directory open
   */
  static async open(dataDir: string, options: EmbeddedOptions = {}): Promise<EmbeddedDatabase> {
    const directory = resolve(dataDir);
    const run = join(directory, 'run');
    mkdirSync(directory, { recursive: true });
    mkdirSync(run, { recursive: true, mode: 0o700 });
    const lock = await SocketLock.acquire(join(run, 'postgres.lock'));
    if (!lock) {
      throw new Error(
        `another process is running on DATA_DIR ${directory}: stop it, give this one another DATA_DIR, ` +
          'or set DATABASE_URL to share a PostgreSQL between processes',
      );
    }
    const place = process.platform === 'win32' ? await loopback() : socketIn(run);
    const { endpoint, listen, temporary } = place;
    const data = {
      dataDirectory: join(directory, 'postgres'),
      listen,
      password: endpoint.password,
    };
    const worker = options.worker ?? new URL('./embedded.worker.js', import.meta.url);
    return new EmbeddedDatabase(lock, worker, data, endpoint, temporary);
  }

  /** Ends the connections, writes a checkpoint and lets go of the data directory. */
  async stop(): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    this.worker.ref();
    const ended = once(this.worker, 'exit');
    this.worker.postMessage('stop');
    await Promise.race([ended, sleep(STOP_MS, undefined, { ref: false })]);
    await this.worker.terminate();
    if (this.temporary !== undefined) rmSync(this.temporary, { recursive: true, force: true });
    await this.lock.release();
  }

  private start(restartMs: number): void {
    const worker = new Worker(this.workerUrl, { workerData: this.data });
    this.worker = worker;
    let nextMs = restartMs;
    worker.once('message', () => {
      nextMs = 1_000;
      // From here on it does not keep the process from ending.
      worker.unref();
      this.announceListening();
      this.logger.debug(`The embedded database listens on ${this.endpoint.host}`);
    });
    worker.on('error', (error) => {
      this.logger.error(`The embedded database has failed: ${error.message}`, error.stack);
    });
    worker.once('exit', () => {
      if (this.stopping) return;
      setTimeout(() => {
        if (!this.stopping) this.start(Math.min(nextMs * 2, SLOWEST_RESTART_MS));
      }, nextMs).unref();
    });
  }
}

interface Place {
  endpoint: EmbeddedEndpoint;
  listen: EmbeddedWorkerData['listen'];
  temporary?: string;
}

/** The name of the socket is the one that `pg` and psql make of the directory and the port. */
function socketIn(run: string): Place {
  const name = `.s.PGSQL.${PORT}`;
  const fits = Buffer.byteLength(join(run, name)) <= LONGEST_SOCKET_PATH;
  const host = fits ? run : mkdtempSync(join(tmpdir(), 'signpost-'));
  return {
    endpoint: { host, port: PORT, user: 'postgres', database: 'postgres' },
    listen: { path: join(host, name) },
    temporary: fits ? undefined : host,
  };
}

/** Windows: any user of the machine can connect to a loopback port, so there is a password. */
async function loopback(): Promise<Place> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  const password = randomBytes(24).toString('base64url');
  const listen = { host: '127.0.0.1', port };
  return { endpoint: { ...listen, user: 'postgres', database: 'postgres', password }, listen };
}
