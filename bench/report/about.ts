import { cpus, totalmem } from 'node:os';
import { describeCores, type Cores } from '../cores.ts';
import type { LoadGenerator } from '../load/load.types.ts';
import type { BenchOptions } from '../options.ts';
import type { Results } from './results.types.ts';

export function about(
  options: BenchOptions,
  generator: LoadGenerator,
  cores: Cores,
  postgres: string,
): Results['about'] {
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${memory}, ${process.platform}`,
    node: process.version,
    postgres,
    loadGenerator: generator.name,
    cores: describeCores(cores, generator),
    connections: options.connections,
    rounds: options.rounds,
    secondsPerMeasurement: options.seconds,
  };
}
