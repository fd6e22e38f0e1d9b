import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { type PostgresBinaries, postgresBinaries } from './postgres-binaries.ts';
import { TemporaryDirectory } from './temporary-directory.ts';

const START_WITHIN_MS = 30_000;

/** fsync is off: a commit survives the death of PostgreSQL, and no test pulls the plug. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  fsync: 'off',
  full_page_writes: 'off',
  shared_buffers: '64MB',
};

/** A PostgreSQL of our own, to be stopped, killed and started again. */
export class PostgresCluster {
  private readonly directory = new TemporaryDirectory();
  private readonly data = join(this.directory.path, 'data');
  private readonly backup = join(this.directory.path, 'backup');
  private process: ChildProcess | undefined;
  private log = '';

  private constructor(
    private port: number,
    private readonly settings: Record<string, string>,
    private readonly binaries: PostgresBinaries,
    private readonly password: string,
  ) {}

  /**
   * @param settings of postgresql.conf, besides those that are good for tests
   * @param password of the superuser; the same for those who log in at each other
   */
  static async start(
    settings: Record<string, string> = {},
    binaries = postgresBinaries(),
    password = randomBytes(12).toString('hex'),
  ): Promise<PostgresCluster> {
    const all = { ...SETTINGS, ...settings };
    const cluster = new PostgresCluster(await freePort(), all, binaries, password);
    try {
      cluster.initialise();
      await cluster.start();
      return cluster;
    } catch (error) {
      await cluster.remove();
      throw error;
    }
  }

  /** The superuser's way in. */
  get url(): string {
    return this.urlOf('postgres');
  }

  urlOf(database: string): string {
    return `postgres://postgres:${this.password}@127.0.0.1:${this.port}/${database}`;
  }

  async start(): Promise<void> {
    const deadline = Date.now() + START_WITHIN_MS;
    while (!(await this.launch())) {
      // The backends of a killed postmaster take a moment to notice, and to let go of the data.
      if (Date.now() > deadline) throw new Error(`PostgreSQL does not start:\n${this.log}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** The postmaster and what it has forked; the postmaster alone where the system does not tell. */
  get processes(): number[] {
    const { pid } = this.process!;
    const children = `/proc/${pid}/task/${pid}/children`;
    if (!existsSync(children)) return [pid!];
    return [pid!, ...readFileSync(children, 'utf8').trim().split(' ').map(Number)];
  }

  /** Ends all sessions and shuts down (fast), or drops everything where it is (immediate). */
  stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    return this.end(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
  }

  /** Kills the postmaster. Its sessions finish what they are at, notice, and are gone with it. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  /** Kills the postmaster and all of its sessions in the middle of what they do, as a power loss does. */
  async crash(): Promise<void> {
    for (const pid of this.processes) process.kill(pid, 'SIGKILL');
    await this.kill();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Keeps a copy of its data as they are now. */
  async backUp(): Promise<void> {
    await this.stop();
    copy(this.data, this.backup);
    await this.start();
  }

  /** Destroys its data, and starts with the copy in their place. */
  async restore(): Promise<void> {
    await this.stop('immediate');
    rmSync(this.data, { recursive: true });
    copy(this.backup, this.data);
    await this.start();
  }

  /** Starts a standby that follows this one by streaming. */
  async standby(): Promise<PostgresCluster> {
    const { settings, binaries, password } = this;
    const standby = new PostgresCluster(await freePort(), settings, binaries, password);
    try {
      await this.stop();
      chmodSync(standby.directory.path, 0o711);
      copy(this.data, standby.data);
      await this.start();
      const primary = `host=127.0.0.1 port=${this.port} user=postgres password=${password}`;
      appendFileSync(
        join(standby.data, 'postgresql.auto.conf'),
        `primary_conninfo = '${primary}'\n`,
      );
      writeFileSync(join(standby.data, 'standby.signal'), '');
      await standby.start();
      return standby;
    } catch (error) {
      await standby.remove();
      throw error;
    }
  }

  /** The primary is gone: this standby, which is promoted already, is found in its place. */
  async takePlaceOf(primary: PostgresCluster): Promise<void> {
    await this.stop();
    this.port = primary.port;
    await this.start();
  }

  /** Stops it and removes its data. */
  async remove(): Promise<void> {
    await this.stop('immediate');
    this.directory.remove();
  }

  private initialise(): void {
    const { root, user } = this.binaries;
    chmodSync(this.directory.path, 0o711);
    mkdirSync(this.data, { mode: 0o700 });
    if (user.uid !== undefined) chownSync(this.data, user.uid, user.gid!);
    const passwordFile = join(this.directory.path, 'password');
    writeFileSync(passwordFile, this.password, { mode: 0o644 });
    const args = ['-D', this.data, '-U', 'postgres', '--auth=password', `--pwfile=${passwordFile}`];
    const { status, stderr, error } = spawnSync(
      join(root, 'bin', 'initdb'),
      [...args, '--no-sync', '--encoding=UTF8', '--locale=C'],
      { ...user, env: { LC_ALL: 'C', PATH: process.env['PATH'] }, cwd: this.data },
    );
    rmSync(passwordFile);
    if (status !== 0) throw new Error(`initdb failed: ${error?.message ?? stderr.toString()}`);
  }

  /** False if it ended again before it accepted connections. */
  private async launch(): Promise<boolean> {
    const settings = Object.entries(this.settings).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]);
    const child = spawn(
      join(this.binaries.root, 'bin', 'postgres'),
      ['-D', this.data, '-p', String(this.port), ...settings],
      {
        ...this.binaries.user,
        env: { LC_ALL: 'C', TZ: 'UTC', PATH: process.env['PATH'] },
        cwd: this.data,
        stdio: ['ignore', 'ignore', 'pipe'],
        // Ctrl-C is for the test run; the guard of the directory looks after this process.
        detached: true,
      },
    );
    this.log = '';
    const ready = new Promise<boolean>((resolve, reject) => {
      child.stderr.on('data', (chunk: Buffer) => {
        this.log = (this.log + chunk.toString()).slice(-10_000);
        if (/ready to accept (read-only )?connections/.test(this.log)) resolve(true);
      });
      child.once('exit', () => resolve(false));
      child.once('error', reject);
    });
    if (child.pid !== undefined) this.directory.note('postgres', child.pid, 'QUIT');
    if (!(await ready)) return false;
    child.unref();
    (child.stderr as unknown as { unref(): void }).unref();
    this.process = child;
    return true;
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    (child.stderr as unknown as { ref(): void }).ref();
    // Not 'exit': a session writes to the same log, and may answer for a moment after the postmaster.
    const ended = once(child, 'close');
    child.kill(signal);
    await ended;
    this.directory.forget('postgres');
  }
}

/** With owners and modes, which PostgreSQL insists on. */
function copy(from: string, to: string): void {
  const { status, stderr } = spawnSync('cp', ['-a', from, to], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}
