import type { Contender } from './contenders/contender.ts';
import type { LoadResult } from './load/load.types.ts';
import { type Spread, spreadOf } from './statistics.ts';

/** What a contender did with one number of links, over all rounds. Latencies in milliseconds. */
export interface Measurement {
  name: string;
  title: string;
  codes: number;
  redirectsPerSecond: Spread;
  p50: Spread;
  p99: Spread;
  p999: Spread;
  /** Before the first load, and after the last. */
  idleBytes?: number;
  residentBytes?: number;
}

/** Collects the results of a contender. */
export class Recorder {
  private readonly results: LoadResult[] = [];

  constructor(
    private readonly contender: Contender,
    private readonly codes: number,
    private readonly idleBytes: number | undefined,
  ) {}

  add(result: LoadResult): void {
    this.results.push(result);
  }

  get measurement(): Measurement {
    const { name, title } = this.contender;
    const spread = (of: (result: LoadResult) => number): Spread => spreadOf(this.results.map(of));
    return {
      name,
      title,
      codes: this.codes,
      redirectsPerSecond: spread(({ answers, seconds }) => answers / seconds),
      p50: spread(({ p50 }) => p50),
      p99: spread(({ p99 }) => p99),
      p999: spread(({ p999 }) => p999),
      idleBytes: this.idleBytes,
      residentBytes: this.contender.residentBytes(),
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
