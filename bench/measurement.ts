import type { Contender } from './contenders/contender.ts';
import type { LoadResult } from './load/load.types.ts';
import { PeakMemory } from './memory.ts';
import { type Spread, spreadOf } from './statistics.ts';

/** What a contender did with one number of links, over all rounds. Latencies in milliseconds. */
export interface Measurement {
  name: string;
  title: string;
  codes: number;
  redirectsPerSecond: Spread;
  /** Clicks that came into PostgreSQL meanwhile, where they may come later than the redirect. */
  ingestedPerSecond?: Spread;
  p50: Spread;
  p99: Spread;
  p999: Spread;
  /** Before the first load, and the most during all rounds. */
  idleBytes?: number;
  residentBytes?: number;
}

/** Collects the results of a contender. */
export class Recorder {
  private readonly results: LoadResult[] = [];
  private readonly ingestedPerSecond: number[] = [];
  private readonly memory: PeakMemory;

  constructor(
    private readonly contender: Contender,
    private readonly codes: number,
    private readonly idleBytes: number | undefined,
  ) {
    this.memory = new PeakMemory(() => contender.residentBytes());
  }

  /** One round. */
  async record(load: () => Promise<LoadResult>): Promise<LoadResult> {
    const before = await this.contender.metrics?.();
    const since = performance.now();
    const result = await this.memory.during(load());
    const after = await this.contender.metrics?.();
    const seconds = (performance.now() - since) / 1_000;
    this.results.push(result);
    if (before && after) this.ingestedPerSecond.push((after.ingested - before.ingested) / seconds);
    return result;
  }

  get measurement(): Measurement {
    const { name, title } = this.contender;
    const spread = (of: (result: LoadResult) => number): Spread => spreadOf(this.results.map(of));
    return {
      name,
      title,
      codes: this.codes,
      redirectsPerSecond: spread(({ answers, seconds }) => answers / seconds),
      ...(this.ingestedPerSecond.length > 0 && {
        ingestedPerSecond: spreadOf(this.ingestedPerSecond),
      }),
      p50: spread(({ p50 }) => p50),
      p99: spread(({ p99 }) => p99),
      p999: spread(({ p999 }) => p999),
      idleBytes: this.idleBytes,
      residentBytes: this.memory.bytes,
    };
  }
}

/**
 * @throws Error if an answer was wrong, or the database has not counted every click exactly once.
 * Requests that were under way when the load ended were counted, but nobody saw their answers.
 */
export function insistOn(
  { answers, wrong, failed }: LoadResult,
  clicks: number | undefined,
  connections: number,
): void {
  if (wrong > 0 || failed > 0) throw new Error(`${wrong} wrong answers, ${failed} failed requests`);
  if (clicks !== undefined && (clicks < answers || clicks > answers + connections)) {
    throw new Error(`${answers} answers, but ${clicks} clicks in the database`);
  }
}

/** One after the other, as one load; latencies are those of the last. */
export const sumOf = (loads: [LoadResult, ...LoadResult[]]): LoadResult =>
  loads.reduce((sum, load) => ({
    ...load,
    answers: sum.answers + load.answers,
    seconds: sum.seconds + load.seconds,
    wrong: sum.wrong + load.wrong,
    failed: sum.failed + load.failed,
  }));
