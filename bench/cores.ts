import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { canLowerThreadPriority, threadId } from '../src/common/thread-priority.js';
import type { LoadGenerator } from './load/load.types.ts';

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
  const [server, load, ...others] = allowedCores();
  if (load === undefined || spawnSync('taskset', ['-V']).status !== 0) return {};
  return {
    server: String(server),
    load: String(load),
    rest: others.length > 0 ? listOf(others) : String(load),
    all: listOf([server!, load, ...others]),
  };
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

/**
 * Lets processes, or threads, run only when nobody else wants their core. A load generator that had
 * to wait for it would blame the server: however low their priority, the kernel lets them finish
 * their turn of some milliseconds otherwise.
 */
export function giveWay(ids: number[]): void {
  for (const id of ids) spawnSync('chrt', ['--idle', '--pid', '0', String(id)]);
}

/** The same for the calling thread. */
export function threadGivesWay(): void {
  if (canLowerThreadPriority) giveWay([threadId()]);
}

export function describeCores({ server, load, rest }: Cores, generator: LoadGenerator): string {
  if (server === undefined) return 'nothing is pinned: there is no taskset, or one core';
  const loadedFrom = generator.hasOwnProcess ? load : rest;
  const priority = rest === load ? ', where it gives way' : '';
  return `server on core ${server}, load generator on core ${loadedFrom}, PostgreSQL on core ${rest}${priority}`;
}

/** A container may have any of them. None where the system does not tell, as only Linux does. */
function allowedCores(): number[] {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    const ranges = /^Cpus_allowed_list:\s+(\S+)$/m.exec(status)![1]!.split(',');
    return ranges.flatMap((range) => {
      const [first, last = first] = range.split('-').map(Number);
      return Array.from({ length: last! - first! + 1 }, (_, place) => first! + place);
    });
  } catch {
    return [];
  }
}

/** With ranges, such as 2-5,8. */
function listOf(cores: number[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const core of cores) {
    const range = ranges.at(-1);
    if (range?.[1] === core - 1) range[1] = core;
    else ranges.push([core, core]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join();
}
