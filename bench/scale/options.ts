import { parseArgs } from 'node:util';

export interface ScaleOptions {
  /** Numbers of links to measure at, rising. */
  sizes: number[];
  /** Requests of each kind at each size. */
  requests: number;
  /** Of the load on hot links, without and with random codes. */
  seconds: number;
  /** Where scale.json goes. */
  out: string;
}

const SMALLEST = 10_000;

export const USAGE = `Usage: npm run bench:scale -- [options]
  --links 1000000         how many links to load, measured at every power of ten from ${SMALLEST} on
  --requests 100          requests of each kind at each size
  --seconds 8             length of the load on hot links
  --out bench/results     where scale.json goes
`;

/** Undefined if only the usage is asked for. */
export function readOptions(args: string[]): ScaleOptions | undefined {
  const { values } = parseArgs({
    args,
    options: {
      links: { type: 'string', default: '1000000' },
      requests: { type: 'string', default: '100' },
      seconds: { type: 'string', default: '8' },
      out: { type: 'string', default: 'bench/results' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const links = Number(values.links);
  if (!(links >= SMALLEST)) throw new Error(`--links must be at least ${SMALLEST}`);
  const sizes: number[] = [];
  for (let size = SMALLEST; size < links; size *= 10) sizes.push(size);
  return {
    sizes: [...sizes, links],
    requests: Number(values.requests),
    seconds: Number(values.seconds),
    out: values.out,
  };
}
