import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, linkSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { transformFileSync } from '@swc/core';
import { SocketLock } from './socket-lock.js';

/** Takes the lock, says whether it got it, and holds it until it is killed. */
const HOLDER = `
const [path] = process.argv.slice(1);
const lock = await SocketLock.acquire(path);
process.stdout.write(lock ? 'got it' : 'did not');
if (lock) setInterval(() => undefined, 1000);`;

const source = transformFileSync('src/common/socket-lock.ts', {
  jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
}).code;

describe(SocketLock.name, () => {
  let directory: string;
  let path: string;
  let children: ChildProcess[];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'socket-lock-'));
    path = join(directory, 'lock');
    children = [];
  });

  afterEach(async () => {
    await Promise.all(children.map(kill));
    rmSync(directory, { recursive: true });
  });

  async function contender(at = path): Promise<{ child: ChildProcess; said: string }> {
    const child = spawn(process.execPath, ['--input-type=module', '-e', source + HOLDER, at], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    return { child, said: said.toString() };
  }

  async function kill(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  it('is held by one at a time', async () => {
    const lock = await SocketLock.acquire(path);
    expect(lock).toBeDefined();
    expect(await SocketLock.acquire(path)).toBeUndefined();
    expect(await SocketLock.isHeld(path)).toBe(true);
    await lock!.release();
    expect(await SocketLock.isHeld(path)).toBe(false);
    const next = await SocketLock.acquire(path);
    expect(next).toBeDefined();
    await next!.release();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is refused while another process holds it, and given when that was killed', async () => {
    const { child, said } = await contender();
    expect(said).toBe('got it');
    expect(await SocketLock.acquire(path)).toBeUndefined();
    await kill(child);
    expect(existsSync(path)).toBe(true);
    expect(await SocketLock.isHeld(path)).toBe(false);
    const lock = await SocketLock.acquire(path);
    expect(lock).toBeDefined();
    await lock!.release();
  });

  it('goes to exactly one of ten processes that find a dead one', async () => {
    await kill((await contender()).child);
    const answers = await Promise.all(Array.from({ length: 10 }, () => contender()));
    expect(answers.filter(({ said }) => said === 'got it')).toHaveLength(1);
    expect(await SocketLock.isHeld(path)).toBe(true);
    expect(readdirSync(directory)).toEqual(['lock']);
  });

  it('goes to exactly one of many in this process, again and again', async () => {
    for (let round = 0; round < 20; round += 1) {
      await leaveDeadSocket(path);
      const locks = await Promise.all(Array.from({ length: 10 }, () => SocketLock.acquire(path)));
      const won = locks.filter((lock) => lock !== undefined);
      expect(won).toHaveLength(1);
      expect(await SocketLock.isHeld(path)).toBe(true);
      await won[0]!.release();
    }
  });

  it('lets only its own user connect', async () => {
    const lock = await SocketLock.acquire(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await lock!.release();
  });

  it('works at paths that are too long for the address of a socket', async () => {
    const deep = join(directory, 'd'.repeat(90), 'e'.repeat(90));
    await mkdir(deep, { recursive: true });
    const long = join(deep, 'lock');
    const { child, said } = await contender(long);
    expect(said).toBe('got it');
    expect(await SocketLock.acquire(long)).toBeUndefined();
    await kill(child);
    const lock = await SocketLock.acquire(long);
    expect(lock).toBeDefined();
    await lock!.release();
  });

  it('says when the directory does not exist', async () => {
    await expect(SocketLock.acquire(join(directory, 'no', 'lock'))).rejects.toThrow(
      /ENOENT|EACCES/,
    );
  });
});

/** What a killed process leaves: libuv removes the file of a server that is closed, so keep a link. */
async function leaveDeadSocket(path: string): Promise<void> {
  const server = createServer().listen(`${path}.tmp`);
  await once(server, 'listening');
  linkSync(`${path}.tmp`, path);
  server.close();
  await once(server, 'close');
}
