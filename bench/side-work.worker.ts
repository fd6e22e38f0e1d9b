import { parentPort, workerData } from 'node:worker_threads';
import { ApiUser, type Credentials } from './contenders/api-user.ts';
import { threadGivesWay } from './cores.ts';

export interface SideWorkData {
  credentials: Credentials;
  workspaceId: string;
}

/** How often what was done. */
export interface Done {
  logins: number;
  links: number;
  reports: number;
}

const EVERY_DIMENSION = 'country,referrer,browser,os,device,language,utm_source';

// The load generator may have to share its core with this thread, and must not wait for it.
threadGivesWay();
const { credentials, workspaceId } = workerData as SideWorkData;
const user = new ApiUser(credentials);
const report = `/workspaces/${workspaceId}/stats?interval=hour&limit=100&groupBy=${EVERY_DIMENSION}`;
const done: Done = { logins: 0, links: 0, reports: 0 };
const over = new AbortController();
const loops = [
  ...Array.from({ length: 8 }, () => repeat('logins', () => user.login())),
  ...Array.from({ length: 4 }, () => repeat('links', () => user.shorten())),
  repeat('reports', () => user.read(report)),
];
parentPort!.once('message', () => over.abort());
await Promise.all(loops);
parentPort!.postMessage(done);

async function repeat(what: keyof Done, work: () => Promise<unknown>): Promise<void> {
  while (!over.signal.aborted) {
    await work();
    if (!over.signal.aborted) done[what] += 1;
  }
}
