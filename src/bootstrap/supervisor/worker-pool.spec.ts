import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type PooledWorker, WorkerPool } from './worker-pool.js';

/** A worker without a process: the test says what becomes of it. */
class FakeWorker implements PooledWorker {
  readonly signals: string[] = [];
  isReady = false;
  livedMs = 0;
  exit: PooledWorker['exit'];
  listen!: () => void;
  readonly listened = new Promise<void>((done) => (this.listen = done));
  private endNow!: () => void;
  readonly ended = new Promise<void>((done) => (this.endNow = done));
  private readyNow!: (isReady: boolean) => void;
  readonly ready = new Promise<boolean>((done) => (this.readyNow = done));

  constructor(
    readonly pid: number,
    readonly listensWhenReady: boolean,
  ) {}

  get wasTold(): boolean {
    return this.signals.length > 0;
  }
  get hasObeyed(): boolean {
    const { code, signal } = this.exit ?? {};
    return this.wasTold && (code === 0 || signal === this.signals.at(-1));
  }
  tell(signal: string): void {
    this.signals.push(signal);
    if (signal === 'SIGKILL') this.die(null, signal);
  }
  async retire(): Promise<void> {
    this.tell('SIGTERM');
    await this.ended;
  }
  comeUp(): void {
    this.isReady = true;
    this.listen();
    this.readyNow(true);
  }
  die(code: number | null, signal: string | null = null): void {
    this.exit = { code: code as number, signal };
    this.endNow();
    setImmediate(this.readyNow, false);
  }
}

describe(WorkerPool.name, () => {
  let forked: FakeWorker[];
  let errors: string[];
  let pool: WorkerPool;
  const running = () => forked.filter(({ exit }) => !exit).map(({ pid }) => pid);
  const turn = () => jest.advanceTimersByTimeAsync(0);

  beforeEach(async () => {
    jest.useFakeTimers();
    forked = [];
    errors = [];
    const fork = (whenReady: boolean): FakeWorker => {
      const worker = new FakeWorker(forked.length + 1, whenReady);
      forked.push(worker);
      return worker;
    };
    const logger = { log: () => undefined, error: (text: string) => errors.push(text) };
    pool = new WorkerPool(configOf(2), fork, logger);
    pool.fill();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const configOf = (workers: number) => ({ workers, shutdownGraceSeconds: 25 });
  const comeUp = async (...workers: FakeWorker[]) => {
    for (const worker of workers) worker.comeUp();
    await turn();
  };

  const failureOf = (reload: Promise<void>): Promise<string> =>
    reload.then(
      () => 'none',
      (error: Error) => error.message,
    );

  it('replaces one that dies, later and later while they keep dying', async () => {
    await comeUp(...forked);
    const delays: number[] = [];
    for (let n = 0; n < 8; n += 1) {
      forked.at(-1)!.die(1);
      await turn();
      const count = forked.length;
      let waited = 0;
      for (; forked.length === count; waited += 50) await jest.advanceTimersByTimeAsync(50);
      delays.push(waited);
    }
    expect(delays).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
    forked.at(-1)!.livedMs = 60_000;
    forked.at(-1)!.die(null, 'SIGSEGV');
    await turn();
    expect(errors.at(-1)).toBe('Worker 10 ended (SIGSEGV); a new one starts in 250 ms');
  });

  it('lets a replacement listen when it is ready, if others serve already', async () => {
    expect(forked.map(({ listensWhenReady }) => listensWhenReady)).toEqual([false, false]);
    await comeUp(forked[0]!);
    forked[1]!.die(1);
    await jest.advanceTimersByTimeAsync(250);
    expect(forked[2]!.listensWhenReady).toBe(true);
  });

  it('ends with the exit code of a worker when none has ever listened', async () => {
    forked[0]!.die(78);
    await turn();
    expect(forked[1]!.signals).toEqual(['SIGTERM']);
    forked[1]!.die(null, 'SIGTERM');
    await expect(pool.ended).resolves.toBe(78);
    expect(forked).toHaveLength(2);
  });

  it('stops all, also one that dies of the signal because it was just starting', async () => {
    await comeUp(...forked);
    forked[0]!.die(null, 'SIGKILL');
    await jest.advanceTimersByTimeAsync(250);
    pool.stop('SIGTERM');
    forked[1]!.die(0);
    forked[2]!.die(null, 'SIGTERM');
    await expect(pool.ended).resolves.toBe(0);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(forked).toHaveLength(3);
  });

  it('tells when one did not stop cleanly', async () => {
    await comeUp(...forked);
    pool.stop('SIGINT');
    forked[0]!.die(0);
    forked[1]!.die(null, 'SIGKILL');
    await expect(pool.ended).resolves.toBe(1);
  });

  it('retires an old one only when a new one is ready, one after the other', async () => {
    await comeUp(...forked);
    const done = pool.replaceAll(configOf(2));
    await turn();
    expect(running()).toEqual([1, 2, 3]);
    expect(forked[0]!.wasTold).toBe(false);
    await comeUp(forked[2]!);
    expect([forked[0]!.signals, running()]).toEqual([['SIGTERM'], [1, 2, 3]]);
    forked[0]!.die(0);
    await turn();
    expect(running()).toEqual([2, 3, 4]);
    await comeUp(forked[3]!);
    forked[1]!.die(0);
    await done;
    expect(running()).toEqual([3, 4]);
    expect(errors).toEqual([]);
  });

  it.each([
    [1, [3]],
    [3, [3, 4, 5]],
  ])('has %s workers when the new configuration says so', async (workers, expected) => {
    await comeUp(...forked);
    const done = pool.replaceAll(configOf(workers));
    await obey();
    await done;
    expect(running()).toEqual(expected);
  });

  it('keeps the old ones when a new one dies, and names the reason', async () => {
    await comeUp(...forked);
    const failure = failureOf(pool.replaceAll(configOf(2)));
    await turn();
    forked[2]!.die(1);
    await turn();
    expect(await failure).toContain('worker 3 ended (1) before it was ready');
    await jest.advanceTimersByTimeAsync(60_000);
    expect(running()).toEqual([1, 2]);
  });

  it('kills a new one that is never ready', async () => {
    await comeUp(...forked);
    const failure = failureOf(pool.replaceAll(configOf(2)));
    await jest.advanceTimersByTimeAsync(61_000);
    expect(await failure).toContain('worker 3 was not ready within 60 s');
    expect(running()).toEqual([1, 2]);
  });

  it('is complete after a reload during which one has died', async () => {
    await comeUp(...forked);
    const done = pool.replaceAll(configOf(2));
    await turn();
    forked[1]!.die(null, 'SIGKILL');
    await obey();
    await done;
    await jest.advanceTimersByTimeAsync(60_000);
    expect(running()).toHaveLength(2);
    expect(Math.min(...running())).toBeGreaterThan(2);
  });

  it('stops in the middle of a reload', async () => {
    await comeUp(...forked);
    const failure = failureOf(pool.replaceAll(configOf(2)));
    await turn();
    pool.stop('SIGTERM');
    for (const worker of forked) worker.die(null, 'SIGTERM');
    await expect(pool.ended).resolves.toBe(0);
    await turn();
    expect(await failure).toContain('before it was ready');
    expect(running()).toEqual([]);
  });

  /** For a while, new ones come up and those that are told to stop do. */
  async function obey(): Promise<void> {
    for (let turns = 0; turns < 20; turns += 1) {
      await turn();
      for (const worker of forked) {
        if (worker.exit) continue;
        if (worker.wasTold) worker.die(0);
        else if (!worker.isReady) worker.comeUp();
      }
    }
  }
});
