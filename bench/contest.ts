import { setTimeout } from 'node:timers/promises';
import type { CodeSet } from './code-set.ts';
import type { Contender } from './contenders/contender.ts';
import type { Load, LoadGenerator, LoadResult } from './load/load.types.ts';
import { insistOn, type Measurement, Recorder } from './measurement.ts';
import type { BenchOptions } from './options.ts';
import { verify } from './verify.ts';

const SETTLE_MS = 100;

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
      for (const size of sizes) await this.warmUp(contender, size, warmUpSeconds);
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
        const result = await this.measure(contender, size, seconds);
        recorder.add(result);
        const rate = Math.round(result.answers / result.seconds);
        say(`round ${round}: ${contender.title}, ${size} links: ${rate}/s, p99 ${result.p99} ms`);
      }
    }
    return entries.map(({ recorder }) => recorder.measurement);
  }

  /** For some seconds, and until each code was asked for: those that read links keep them then. */
  private async warmUp(contender: Contender, codes: number, seconds: number): Promise<void> {
    let asked = 0;
    do asked += (await this.measure(contender, codes, seconds, asked)).answers;
    while (asked < codes);
  }

  /** One load, with every answer and every click checked. */
  private async measure(
    contender: Contender,
    codes: number,
    seconds: number,
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
    const result = await this.generator.run(load);
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
