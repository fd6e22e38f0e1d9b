import { createHash, randomUUID } from 'node:crypto';
import { chmodSync, closeSync, linkSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { basename, dirname, relative, resolve } from 'node:path';

const isWindows = process.platform === 'win32';

/** What fits into sockaddr_un on every platform (macOS: 104 bytes with the final NUL). */
export const LONGEST_SOCKET_PATH = 103;

const PROBE_TIMEOUT_MS = 2_000;
const STALE_MARK_MS = 10_000;
const ATTEMPTS = 5;

/**
 * A lock between processes that dies with its process, however that ends: a listening unix socket
 * (on Windows a named pipe). Unlike a PID file it is not in the way after a SIGKILL, nor mistaken
 * for the lock of a process that happens to have got the same PID.
 */
export class SocketLock {
  private constructor(
    private readonly server: Server,
    readonly path: string,
    private readonly identity: string | undefined,
  ) {}

  /** The lock, or undefined while a living process (this one included) holds it. */
  static async acquire(path: string): Promise<SocketLock | undefined> {
    if (isWindows) {
      const pipe = await listen(path);
      return pipe && new SocketLock(pipe, path, undefined);
    }
    // Listens under a name of its own first: whatever appears at the path is alive already.
    const own = `${path}.${randomUUID().slice(0, 8)}`;
    const server = (await listen(own))!;
    try {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        if (linked(own, path)) return new SocketLock(server, path, identityOf(path));
        if (await SocketLock.isHeld(path)) break;
        await removeDead(path);
      }
    } finally {
      rmSync(own, { force: true });
    }
    server.close();
    return undefined;
  }

  /** Whether a living process holds the lock at this moment. */
  static isHeld(path: string): Promise<boolean> {
    return atAddress(path, isAlive);
  }

  async release(): Promise<void> {
    if (!isWindows && identityOf(this.path) === this.identity) rmSync(this.path, { force: true });
    await new Promise<void>((done) => this.server.close(() => done()));
  }
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Removes the dead socket at the path. Many may want to, and the path may have got a new, living
 * owner since it was looked at: so only the one who creates the mark with the dead socket's
 * identity may remove it, and only if it is still there. The dead do not come back to life.
 */
async function removeDead(path: string): Promise<void> {
  const identity = identityOf(path);
  if (identity === undefined || (await SocketLock.isHeld(path))) return;
  const mark = `${path}.${identity}`;
  try {
    writeFileSync(mark, '', { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // Another is at it, and done in no time; or was killed just then, long ago.
    const age = Date.now() - (statSync(mark, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > STALE_MARK_MS) rmSync(mark, { force: true });
    await new Promise((done) => setTimeout(done, 20));
    return;
  }
  if (identityOf(path) === identity) rmSync(path, { force: true });
  rmSync(mark, { force: true });
}

/** Tells one socket from another that was made later at the same path. */
function identityOf(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat && `${stat.ino.toString(36)}-${stat.mtimeNs.toString(36)}`;
}

/** Undefined if the address is in use. */
function listen(path: string): Promise<Server | undefined> {
  return atAddress(
    path,
    (address) =>
      new Promise((done, fail) => {
        const server = createServer((socket) => socket.destroy());
        // A lock must not keep its process from ending.
        server.unref();
        server.on('error', (error: NodeJS.ErrnoException) => {
          if (error.code === 'EADDRINUSE') done(undefined);
          else fail(error);
        });
        // Exclusive: a cluster worker holds its lock itself, not through the primary.
        server.listen({ path: address, exclusive: true }, () => {
          if (!isWindows) chmodSync(address, 0o600);
          done(server);
        });
      }),
  );
}

/** EAGAIN means that its backlog is full: alive, and busy. A silent one is alive, too. */
function isAlive(address: string): Promise<boolean> {
  return new Promise((done, fail) => {
    const socket = connect(address);
    const answer = (alive: boolean) => {
      socket.destroy();
      done(alive);
    };
    socket.setTimeout(PROBE_TIMEOUT_MS, () => answer(true));
    socket.once('connect', () => answer(true));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EAGAIN' || error.code === 'EBUSY') answer(true);
      else if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') answer(false);
      else fail(error);
    });
  });
}

/** Calls `use` with a name for the path that is short enough for the address of a socket. */
async function atAddress<T>(path: string, use: (address: string) => Promise<T>): Promise<T> {
  const absolute = resolve(path);
  if (isWindows) {
    return use(`\\\\.\\pipe\\${createHash('sha256').update(absolute.toLowerCase()).digest('hex')}`);
  }
  const short = [absolute, relative(process.cwd(), absolute)].find(
    (name) => Buffer.byteLength(name) <= LONGEST_SOCKET_PATH,
  );
  if (short !== undefined) return use(short);
  if (process.platform !== 'linux') throw new Error(`the path is too long for a socket: ${path}`);
  const directory = openSync(dirname(absolute), 'r');
  try {
    return await use(`/proc/self/fd/${directory}/${basename(absolute)}`);
  } finally {
    closeSync(directory);
  }
}
