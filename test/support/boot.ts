import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { cleanEnvironment } from './environment.js';

const UP_WITHIN_MS = 30_000;
const HANDLED = 'SIGTERM-is-handled';
/** Says so in the moment in which JavaScript has begun to handle SIGTERM. */
const TELL = `data:text/javascript,import{writeSync}from'node:fs';process.on('newListener',(name)=>name==='SIGTERM'&&writeSync(1,'${HANDLED}\\n'))`;
const NAMESPACE = ['--fork', '--pid', '--mount-proc'];

/** Whether processes can be PID 1 here, as in a container: Linux only, and root. */
export const canBePid1 = (): boolean => spawnSync('unshare', [...NAMESPACE, 'true']).status === 0;

/** A process from its first moment, in a process group of its own. */
export class Boot {
  output = '';
  private readonly child: ChildProcess;

  private constructor(command: string[], env: Record<string, string | undefined>) {
    const [file, ...args] = command;
    this.child = spawn(file!, args, {
      detached: true,
      env: cleanEnvironment({
        HOST: '127.0.0.1',
        JWT_SECRET: randomBytes(32).toString('hex'),
        LOG_FORMAT: 'json',
        NODE_OPTIONS: `--import=${TELL}`,
        ...env,
      }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    process.once('exit', this.kill);
  }

  static begin(command: string[], env: Record<string, string | undefined>): Boot {
    return new Boot(command, env);
  }

  /** As the first process of a container; see `canBePid1`. */
  static beginAsPid1(command: string[], env: Record<string, string | undefined>): Boot {
    return new Boot(['unshare', ...NAMESPACE, ...command], env);
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** The process that it has started: the one that is PID 1, or the one with the options. */
  async firstChild(): Promise<number> {
    const file = `/proc/${this.pid}/task/${this.pid}/children`;
    return Number(await this.until(() => readFileSync(file, 'utf8').trim().split(' ')[0]));
  }

  /** Until it handles SIGTERM itself; before, Node.js does, and fails as PID 1. */
  async handlesSigterm(): Promise<void> {
    await this.prints(HANDLED);
  }

  /** Until it has printed the words, so many times. */
  async prints(words: string, times = 1): Promise<void> {
    await this.until(() => this.output.split(words).length > times);
  }

  /** How it ended: the exit code, or the name of the signal. */
  async ended(): Promise<number | string | null> {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return child.exitCode ?? child.signalCode;
  }

  /** Whether a process of its group is left. */
  get isAnyLeft(): boolean {
    try {
      process.kill(-this.pid, 0);
      return true;
    } catch {
      return false;
    }
  }

  /** Ends whatever is left. */
  readonly kill = (): void => {
    process.off('exit', this.kill);
    if (this.isAnyLeft) process.kill(-this.pid, 'SIGKILL');
  };

  private async until<T>(look: () => T): Promise<T> {
    const deadline = Date.now() + UP_WITHIN_MS;
    for (;;) {
      const seen = existsSync(`/proc/${this.pid}`) ? look() : undefined;
      if (seen) return seen;
      if (Date.now() > deadline) throw new Error(`waited in vain:\n${this.output}`);
      await sleep(1);
    }
  }
}
