import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { cleanEnvironment, nodeOptions } from '../../test/support/environment.ts';
import { pinned } from '../cores.ts';
import { residentBytesOf } from '../memory.ts';

const UP_WITHIN_MS = 60_000;

/** Whichever server it is, Node.js gets the options of our launcher. */
export const nodeCommand = (script: string): string[] => [
  process.execPath,
  ...nodeOptions(),
  script,
];

/** A server under test, in a process of its own that ends with this one. */
export class ServerProcess {
  private child: ChildProcess | undefined;
  private output = '';
  private readonly kill = (): void => void this.child?.kill('SIGKILL');

  constructor(
    private readonly command: string[],
    private readonly env: Record<string, string | undefined>,
    private readonly core: string | undefined,
  ) {}

  get pid(): number {
    return this.child!.pid!;
  }

  /** Resolves when `url` is answered with this status; returns after how many milliseconds. */
  async start(url: string, status: number): Promise<number> {
    const startedAt = performance.now();
    // Replaced by the server: taskset makes no process of its own.
    const [file, ...args] = pinned(this.core, this.command);
    const child = spawn(file!, args, {
      env: cleanEnvironment({ NODE_ENV: 'production', ...this.env }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    process.once('exit', this.kill);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output = (this.output + text).slice(-10_000);
      });
    }
    while (!(await answers(url, status))) {
      const elapsed = performance.now() - startedAt;
      if (child.exitCode !== null || elapsed > UP_WITHIN_MS) {
        throw new Error(`${this.command.join(' ')} does not answer:\n${this.output}`);
      }
      await sleep(5);
    }
    return performance.now() - startedAt;
  }

  async stop(): Promise<void> {
    process.off('exit', this.kill);
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }

  /** Processes that it has started; none where the system does not tell. */
  get workers(): number[] {
    try {
      const children = readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8');
      return children.split(' ').filter(Boolean).map(Number);
    } catch {
      return [];
    }
  }

  /** Resident memory in bytes, that of workers included; undefined where the system does not tell. */
  residentBytes(): number | undefined {
    try {
      return [this.pid, ...this.workers].map(residentBytesOf).reduce((sum, bytes) => sum + bytes);
    } catch {
      return undefined;
    }
  }
}

/** Wakes them in any case: asleep they would not notice that the server has ended. */
export async function whileAsleep<T>(pids: number[], work: () => Promise<T>): Promise<T> {
  const tell = (signal: NodeJS.Signals) => pids.forEach((pid) => process.kill(pid, signal));
  const wake = (): void => tell('SIGCONT');
  process.once('exit', wake);
  try {
    tell('SIGSTOP');
    return await work();
  } finally {
    wake();
    process.off('exit', wake);
  }
}

async function answers(url: string, status: number): Promise<boolean> {
  const response = await fetch(url, { redirect: 'manual' }).catch(() => undefined);
  await response?.arrayBuffer();
  return response?.status === status;
}
