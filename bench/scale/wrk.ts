import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BROWSER } from '../../test/support/api.ts';

export interface LoadResult {
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /** Answers by status. */
  statuses: Record<string, number>;
}

const SCRIPT = `
local threads, codes = {}, {}
function setup(thread) table.insert(threads, thread) end
function init(args)
  statuses = {}
  if args[1] then for line in io.lines(args[1]) do codes[#codes + 1] = line end end
  math.randomseed(os.time())
end
function request()
  local code = #codes > 0 and codes[math.random(#codes)]
    or string.format("%06x%06x", math.random(0, 16777215), math.random(0, 16777215))
  return wrk.format("GET", "/" .. code)
end
function response(status) statuses[status] = (statuses[status] or 0) + 1 end
function done(summary, latency)
  local counted = {}
  for _, thread in ipairs(threads) do
    for status, count in pairs(thread:get("statuses")) do
      counted[#counted + 1] = string.format('"%d":%d', status, count)
    end
  end
  io.write(string.format('\\nJSON{"perSecond":%.1f,"p50":%.3f,"p99":%.3f,"statuses":{%s}}\\n',
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, table.concat(counted, ",")))
end`;

export const hasWrk = (): boolean => spawnSync('wrk', ['-v']).error === undefined;

/** The load generator, with its files in a directory. */
export class Wrk {
  private readonly script: string;

  constructor(private readonly directory: string) {
    this.script = join(directory, 'load.lua');
    writeFileSync(this.script, SCRIPT);
  }

  /** Asks for random ones of these codes as fast as it can, or for random codes that no link has. */
  async load(
    url: string,
    options: { codes?: string[]; connections: number; seconds: number },
  ): Promise<LoadResult> {
    const { codes, connections, seconds } = options;
    const file = join(this.directory, 'codes');
    if (codes) writeFileSync(file, codes.join('\n'));
    const { stdout } = await promisify(execFile)('wrk', [
      '-t1',
      `-c${connections}`,
      `-d${seconds}s`,
      '-H',
      `User-Agent: ${BROWSER}`,
      '-s',
      this.script,
      url,
      '--',
      ...(codes ? [file] : []),
    ]);
    const json = /^JSON(.*)$/m.exec(stdout)?.[1];
    if (json === undefined) throw new Error(`wrk told nothing:\n${stdout}`);
    return JSON.parse(json) as LoadResult;
  }
}
