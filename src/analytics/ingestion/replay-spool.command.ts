import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { processConfig } from '../../../config/load-config.js';
import { SocketLock } from '../../common/socket-lock.js';
import { doneDirectory, ingesterLock, spoolRoot } from '../common/spool-format.js';
import { Quarantine } from './quarantine.js';
import { requestReplay } from './spool-replay.js';

const say = (line: string): boolean => process.stdout.write(`${line}\n`);

/**
 * `npm run spool:replay`: the kept segments, and the clicks that the database has refused, are offered
 * to it again, by the process that ingests. It does so by itself when it sees that the database has
 * lost some.
 */
async function main(): Promise<void> {
  const root = spoolRoot(processConfig().server.dataDir);
  const bytes = keptBytes(doneDirectory(root));
  const quarantine = new Quarantine(root);
  await quarantine.look();
  const { refused } = quarantine.counts;
  if (bytes + refused === 0)
    return void say('Nothing is kept in this DATA_DIR, so nothing can be replayed.');
  requestReplay(root);
  const isRunning = await SocketLock.isHeld(ingesterLock(root));
  const when = isRunning ? 'now; its log tells the end' : 'when it is started';
  const kept = `${Math.ceil(bytes / 1024)} KiB of kept clicks`;
  const clicks = refused === 0 ? kept : `${kept} and ${refused} that were refused`;
  say(`${clicks} are offered again by the service, ${when}.`);
}

function keptBytes(directory: string): number {
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith('.kept'));
    return names.reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`The replay was not asked for: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
