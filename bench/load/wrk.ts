import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Cores, pinned } from '../cores.ts';
import { BROWSER_HEADERS, type Load, type LoadGenerator, type LoadResult } from './load.types.ts';

const SCRIPT = join(process.cwd(), 'bench/load/wrk.lua');

/** wrk on one thread; undefined where it is not installed. */
export function findWrk(cores: Cores): LoadGenerator | undefined {
  const { stdout, error } = spawnSync('wrk', ['-v'], { encoding: 'utf8' });
  if (error) return undefined;
  const version = /\b\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? 'unknown';
  return { name: `wrk ${version}`, hasOwnProcess: true, run: (load) => run(load, cores) };
}

async function run(load: Load, cores: Cores): Promise<LoadResult> {
  const headers = Object.entries(BROWSER_HEADERS).flatMap(([name, value]) => [
    '-H',
    `${name}: ${value}`,
  ]);
  const seed = Math.floor(Math.random() * 1e9);
  const options = `-t1 -c${load.connections} -d${load.seconds}s --timeout 10s`.split(' ');
  const script = ['-s', SCRIPT, load.url, '--', load.codesFile];
  const values = [load.codes, load.thinkMs ?? 0, seed, load.inOrderFrom ?? -1].map(String);
  const [file, ...args] = pinned(cores.load, ['wrk', ...options, ...headers, ...script, ...values]);
  const { stdout } = await promisify(execFile)(file!, args);
  const json = /^JSON(.*)$/m.exec(stdout)?.[1];
  if (json === undefined) throw new Error(`wrk told nothing:\n${stdout}`);
  return JSON.parse(json) as LoadResult;
}
