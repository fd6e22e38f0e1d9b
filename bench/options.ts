import { parseArgs } from 'node:util';

const PARTS = ['one-core', 'workers', 'sustained', 'isolation', 'startup'];

export interface BenchOptions {
  rounds: number;
  /** Of each measurement. */
  seconds: number;
  warmUpSeconds: number;
  sustainedSeconds: number;
  isolationSeconds: number;
  connections: number;
  /** Numbers of links that are asked for. */
  sizes: number[];
  /** Names of contenders; empty for all. */
  only: string[];
  /** What is measured besides the contest. */
  parts: string[];
  /** Where the results go. */
  out: string;
}

export const USAGE = `Usage: npm run bench -- [options]
  --rounds 5              measurements of each contender, in turns
  --seconds 6             length of a measurement
  --warm-up 3             load before the first round, seconds
  --sustained 60          redirects and ingestion side by side, seconds
  --isolation 15          redirects alone and beside everything else, seconds of each of 3 rounds
  --connections 64
  --sizes 1000,100000     how many links are asked for, at random
  --only fastify,nest     some contenders
  --parts ${PARTS.join(',')}
                          what is measured besides; "none" for nothing
  --quick                 2 rounds of 2 seconds, and nothing besides
  --out bench/results     where results.json, results.md and chart.svg go
`;

/** Undefined if only the usage is asked for. */
export function readOptions(args: string[]): BenchOptions | undefined {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args,
    options: {
      rounds: text,
      seconds: text,
      'warm-up': text,
      sustained: { ...text, default: '60' },
      isolation: { ...text, default: '15' },
      connections: { ...text, default: '64' },
      sizes: { ...text, default: '1000,100000' },
      only: text,
      parts: text,
      quick: { type: 'boolean', default: false },
      out: { ...text, default: 'bench/results' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const { quick } = values;
  return {
    rounds: Number(values.rounds ?? (quick ? 2 : 5)),
    seconds: Number(values.seconds ?? (quick ? 2 : 6)),
    warmUpSeconds: Number(values['warm-up'] ?? (quick ? 1 : 3)),
    sustainedSeconds: Number(values.sustained),
    isolationSeconds: Number(values.isolation),
    connections: Number(values.connections),
    sizes: values.sizes.split(',').map(Number),
    only: values.only?.split(',') ?? [],
    parts: values.parts?.split(',') ?? (quick ? [] : PARTS),
    out: values.out,
  };
}
