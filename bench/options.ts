import { parseArgs } from 'node:util';

export interface BenchOptions {
  rounds: number;
  /** Of each measurement. */
  seconds: number;
  warmUpSeconds: number;
  /** Of the measurement with redirects and ingestion in balance; 0 leaves it out. */
  sustainedSeconds: number;
  connections: number;
  /** Numbers of links that are asked for. */
  sizes: number[];
  /** Names of contenders; empty for all. */
  only: string[];
  /** Where the results go. */
  out: string;
}

export const USAGE = `Usage: npm run bench -- [options]
  --rounds 5              measurements of each contender, in turns
  --seconds 6             length of a measurement
  --warm-up 3             load before the first round, seconds
  --sustained 60          redirects and ingestion in balance, seconds; 0 leaves it out
  --connections 64
  --sizes 1000,100000     how many links are asked for, at random
  --only fastify,nest     some contenders
  --quick                 2 rounds of 2 seconds, nothing else
  --out bench/results     where results.json and chart.svg go
`;

export function readOptions(args: string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      'warm-up': { type: 'string' },
      sustained: { type: 'string' },
      connections: { type: 'string', default: '64' },
      sizes: { type: 'string', default: '1000,100000' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      out: { type: 'string', default: 'bench/results' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const quick = values.quick;
  return {
    rounds: Number(values.rounds ?? (quick ? 2 : 5)),
    seconds: Number(values.seconds ?? (quick ? 2 : 6)),
    warmUpSeconds: Number(values['warm-up'] ?? (quick ? 1 : 3)),
    sustainedSeconds: Number(values.sustained ?? (quick ? 0 : 60)),
    connections: Number(values.connections),
    sizes: values.sizes.split(',').map(Number),
    only: values.only?.split(',') ?? [],
    out: values.out,
  };
}
