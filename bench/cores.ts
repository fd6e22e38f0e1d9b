import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Lists of cores as taskset takes them; undefined where nothing can be pinned. */
export interface Cores {
  server?: string;
  load?: string;
  /** PostgreSQL and this process. */
  rest?: string;
  /** All of them. */
  all?: string;
}

/**
 * The server gets a core of its own, with all of its threads. The load generator gets another, and
 * PostgreSQL what is left, or that of the load generator if there is none.
 */
export function assignCores(): Cores {
  const count = availableParallelism();
  if (count < 2 || spawnSync('taskset', ['-V']).status !== 0) return {};
  const all = `0-${count - 1}`;
  return { server: '0', load: '1', rest: count > 2 ? `2-${count - 1}` : '1', all };
}

/** The server and its PostgreSQL share a core, as on the smallest machine there is. */
export const onOneCore = (cores: Cores): Cores => ({ ...cores, rest: cores.server });

/** Nobody has a core of its own. */
export const onEveryCore = ({ all }: Cores): Cores => ({ server: all, load: all, rest: all, all });

/** The command, on these cores only. */
export const pinned = (cores: string | undefined, command: string[]): string[] =>
  cores === undefined ? command : ['taskset', '-c', cores, ...command];

/** Moves this process away from the server's core, and with it whatever it starts from now on. */
export function moveAside({ rest }: Cores): void {
  if (rest !== undefined) spawnSync('taskset', ['-a', '-c', '-p', rest, String(process.pid)]);
}

export const describeCores = ({ server, load, rest }: Cores): string =>
  server === undefined
    ? 'nothing is pinned: there is no taskset, or one core'
    : `server on core ${server}, load generator on core ${load}, PostgreSQL on core ${rest}${rest === load ? ' with less priority' : ''}`;
