import { setTimeout } from 'node:timers/promises';
import type { CodeSet } from './code-set.ts';
import type { Contender } from './contenders/contender.ts';
import type { Load, LoadGenerator, LoadResult } from './load/load.types.ts';
import { insistOn, type Measurement, Recorder } from './measurement.ts';
import type { BenchOptions } from './options.ts';
import { verify } from './verify.ts';

const SETTLE_MS = 100;
/** How often each worker is asked for each code at most: once is enough, but for a few under way. */
const MOST_TIMES = 3;
/** Workers do not notice so short a sleep: their connections to the database have not timed out. */
const MOST_SECONDS_ASLEEP = 1;

type Through = (run: () => Promise<LoadResult>) => Promise<LoadResult>;

/** Measures contenders in turns, so that whatever slows the machine down for a while meets all. */
export class Contest {
  constructor(
    private readonly contenders: Contender[],
    private readonly generator: LoadGenerator,
    private readonly codes: CodeSet,
    private readonly options: BenchOptions,
  ) {}

  async run(): Promise<Measurement[]> {
    try {
      return await this.measureAll();
    } finally {
      for (const contender of this.contenders) await contender.stop();
    }
  }

  private async measureAll(): Promise<Measurement[]> {
    const { rounds, seconds, warmUpSeconds, sizes } = this.options;
    const idleBytes = new Map<Contender, number | undefined>();
    for (const contender of this.contenders) {
      await contender.start();
      await verify(contender.url, this.codes);
      idleBytes.set(contender, contender.residentBytes());
      // The most links first: those of the other sizes are among them.
      for (const size of sizes.toSorted((a, b) => b - a)) {
        await this.warmUp(contender, size, warmUpSeconds);
      }
      say(`${contender.title}: warm, every answer right`);
    }
    const entries = sizes.flatMap((size) =>
      this.contenders.map((contender) => ({
        contender,
        size,
        recorder: new Recorder(contender, size, idleBytes.get(contender)),
      })),
    );
    for (let round = 1; round <= rounds; round += 1) {
      for (const { contender, size, recorder } of entries) {
        const result = await this.measure(contender, size, seconds, (run) => recorder.record(run));
        const rate = Math.round(result.answers / result.seconds);
        say(`round ${round}: ${contender.title}, ${size} links: ${rate}/s, p99 ${result.p99} ms`);
      }
    }
    return entries.map(({ recorder }) => recorder.measurement);
  }

  /** For some seconds, and until all that read links have those that they are asked for. */
  private async warmUp(contender: Contender, codes: number, seconds: number): Promise<void> {
    const isWarm = async () => (await contender.isWarm?.(codes)) !== false;
    await this.askForEach(contender, codes, seconds);
    // The system may give a worker nearly all connections: the others know few of the links then.
    for (let times = 0; times < MOST_TIMES && !(await isWarm()); times += 1) {
      await contender.withEachWorker?.((alone) =>
        this.askForEach(contender, codes, Math.min(seconds, MOST_SECONDS_ASLEEP), alone),
      );
    }
    if (!(await isWarm())) say(`${contender.title}: not all of ${codes} links are in memory`);
  }

  private async askForEach(
    contender: Contender,
    codes: number,
    seconds: number,
    through?: Through,
  ): Promise<void> {
    let asked = 0;
    do asked += (await this.measure(contender, codes, seconds, through, asked)).answers;
    while (asked < codes);
  }

  /** One load, with every answer and every click checked. */
  private async measure(
    contender: Contender,
    codes: number,
    seconds: number,
    through: Through = (run) => run(),
    inOrderFrom?: number,
  ): Promise<LoadResult> {
    const { connections } = this.options;
    const load: Load = {
      url: contender.url,
      codesFile: this.codes.file,
      codes,
      connections,
      seconds,
      inOrderFrom,
    };
    const before = await settledClicks(contender);
    const result = await through(() => this.generator.run(load));
    const after = await settledClicks(contender);
    const clicks = before === undefined || after === undefined ? undefined : after - before;
    insistOn(result, clicks, connections);
    await contender.vacuum();
    return result;
  }
}

/** Requests that were under way when a load ended are still being counted for a moment. */
async function settledClicks(contender: Contender): Promise<number | undefined> {
  let clicks = await contender.countClicks();
  for (let before = -1; clicks !== undefined && clicks !== before;) {
    before = clicks;
    await setTimeout(SETTLE_MS);
    clicks = await contender.countClicks();
  }
  return clicks;
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);
