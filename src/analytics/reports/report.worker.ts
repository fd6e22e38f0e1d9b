import { parentPort, workerData } from 'node:worker_threads';
import pg from 'pg';
import type { ConnectionTarget } from '../../platform/database/connection.js';
import { PoolSockets } from '../../platform/database/pool-sockets.js';
import { ReportDatabase } from './report-database.js';
import { ReportReader } from './report-reader.js';
import type { ReportNumbers, ReportSelection } from './reports.types.js';

export interface ReportWorkerData {
  target: ConnectionTarget;
  /** How much stays in memory of the blocks that were read. */
  cacheBytes: number;
}

/** What the main thread says: what to read, or whether PostgreSQL answers. */
export type ReportRequest = { id: number; selection: ReportSelection } | { answers: boolean };

/** Errors do not keep their codes on the way between threads. */
export type ReportOutcome =
  | { id: number; numbers: ReportNumbers }
  | { id: number; error: { message: string; code?: string } };

/** While PostgreSQL works for one, the thread counts for another. */
const CONNECTIONS = 3;

const { target, cacheBytes } = workerData as ReportWorkerData;
const port = parentPort!;
const sockets = new PoolSockets(target.query_timeout);
const pool = new pg.Pool({ ...target, max: CONNECTIONS, stream: sockets.create });
const reports = new ReportReader(new ReportDatabase(pool), cacheBytes);

port.on('message', (request: ReportRequest) => {
  if ('answers' in request) sockets.note(request.answers);
  else void answer(request.id, request.selection);
});

async function answer(id: number, selection: ReportSelection): Promise<void> {
  port.postMessage(await outcomeOf(id, selection));
}

async function outcomeOf(id: number, selection: ReportSelection): Promise<ReportOutcome> {
  try {
    return { id, numbers: await reports.read(selection) };
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    return { id, error: { message, code } };
  }
}
