import { setTimeout as sleep } from 'node:timers/promises';
import { ApiUser } from './contenders/api-user.ts';
import type { Surroundings } from './contenders/contender.ts';
import { Signpost } from './contenders/signpost.ts';

const SETTLE_MS = 3_000;

/** How long a start takes, and what a server needs that has nothing to do. */
export interface Startup {
  title: string;
  /** From the start of the process to its first redirect. */
  firstRedirectMs: number;
  /** Resident memory some seconds later. */
  idleBytes: number | undefined;
}

/** Starts again on a database with links in it, ours and the embedded one. */
export async function measureStartups(around: Surroundings): Promise<Startup[]> {
  const external = new Signpost('startup', 'Signpost on PostgreSQL', around, {});
  await external.start();
  const embedded = new Signpost('embedded', 'Signpost on its embedded PostgreSQL', around, {
    // Production insists on a PostgreSQL of its own.
    NODE_ENV: 'development',
  });
  await embedded.launch('/health/ready', 200);
  const user = await ApiUser.register(embedded.url);
  return [
    await restart(external, around.codes.codes[0]!),
    await restart(embedded, await user.shorten()),
  ];
}

async function restart(server: Signpost, code: string): Promise<Startup> {
  await server.halt();
  const firstRedirectMs = await server.launch(`/${code}`, 302);
  await sleep(SETTLE_MS);
  const idleBytes = server.residentBytes();
  await server.stop();
  return { title: server.title, firstRedirectMs, idleBytes };
}
