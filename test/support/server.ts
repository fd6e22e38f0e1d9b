import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase, type TestDatabase } from './database.ts';
import { cleanEnvironment, signpost } from './environment.ts';
import { freePort } from './free-port.ts';
import { TemporaryDirectory } from './temporary-directory.ts';

const READY_WITHIN_MS = 45_000;

export interface ServerOptions {
  env?: Record<string, string>;
  /** Default: a fresh database, dropped with the server. `embedded`: the one in DATA_DIR. */
  databaseUrl?: string;
  /** Default: a fresh one, removed with the server. */
  dataDir?: string;
  /** What to wait for; `live` for a server whose database is down. */
  until?: 'ready' | 'live';
}

/** Starts Signpost as it runs in production: a process of its own, spoken to over HTTP. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const database = options.databaseUrl === undefined ? await createDatabase() : undefined;
  const url = database?.url ?? options.databaseUrl;
  const directory = new TemporaryDirectory();
  const port = await freePort();
  const env = cleanEnvironment({
    HOST: '127.0.0.1',
    PORT: String(port),
    DATA_DIR: options.dataDir ?? join(directory.path, 'data'),
    DATABASE_URL: url === 'embedded' ? undefined : url,
    JWT_SECRET: randomBytes(32).toString('hex'),
    BCRYPT_COST: '4',
    LOG_FORMAT: 'json',
    // Whom the tests send webhooks to is on this machine.
    ALLOW_PRIVATE_REQUESTS: 'true',
    ...options.env,
  });
  const server = new TestServer(env, directory, database, options.until ?? 'ready');
  try {
    await server.start();
    return server;
  } catch (error) {
    await server.remove();
    throw error;
  }
}

export class TestServer {
  readonly url: string;
  readonly dataDir: string;
  private process: ChildProcess | undefined;
  private output = '';

  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly directory: TemporaryDirectory,
    private readonly database: TestDatabase | undefined,
    private readonly until: 'ready' | 'live',
  ) {
    this.url = `http://127.0.0.1:${env['PORT']}`;
    this.dataDir = env['DATA_DIR']!;
  }

  /** All that it has printed, over all of its starts. */
  get log(): string {
    return this.output;
  }

  /** What another server needs to serve the same users and links. */
  get databaseUrl(): string | undefined {
    return this.env['DATABASE_URL'];
  }

  get jwtSecret(): string {
    return this.env['JWT_SECRET']!;
  }

  get pid(): number {
    return this.process!.pid!;
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, signpost('serve'), {
      cwd: this.directory.path,
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process = child;
    if (child.pid !== undefined) this.directory.note('server', child.pid, 'KILL');
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    await this.waitUntilUp();
  }

  /** Asks it to end, and resolves with its exit code; null if the signal itself ended it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const child = this.process;
    if (!child) return null;
    if (!this.hasEnded()) {
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    }
    this.directory.forget('server');
    return child.exitCode;
  }

  /** Sends the signal, and does not wait for what becomes of it. */
  signal(signal: NodeJS.Signals): void {
    this.process?.kill(signal);
  }

  async kill(): Promise<void> {
    await this.stop('SIGKILL');
  }

  /** Stops it if it still runs, and starts it on the same port and DATA_DIR. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** For afterAll: ends it and removes its data and its database. */
  async remove(): Promise<void> {
    await this.kill();
    this.directory.remove();
    await this.database?.drop();
  }

  private hasEnded(): boolean {
    return this.process!.exitCode !== null || this.process!.signalCode !== null;
  }

  private async waitUntilUp(): Promise<void> {
    const deadline = Date.now() + READY_WITHIN_MS;
    for (;;) {
      const response = await fetch(`${this.url}/health/${this.until}`).catch(() => undefined);
      await response?.arrayBuffer();
      if (response?.ok) return;
      if (this.hasEnded()) throw new Error(`the server ended instead of starting:\n${this.output}`);
      if (Date.now() > deadline)
        throw new Error(`the server is not ready in time:\n${this.output}`);
      await sleep(50);
    }
  }
}
