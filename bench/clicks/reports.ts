import { randomBytes } from 'node:crypto';
import { startServer } from '../../test/support/server.ts';
import type { ClickMaker } from './click-maker.ts';
import type { BenchDatabase } from './database.ts';
import { type PathOf, reportsUntil } from './report-kinds.ts';

/** Requests of each kind that are not timed: the code is compiled meanwhile. */
const WARM_UP = 20;

interface Times {
  /** The first one of its kind, when the code for it has not been compiled. */
  first: number;
  p50: number;
  p99: number;
  max: number;
  /** Requests that the database did not answer in time. */
  failed: number;
}

/** Times in milliseconds. */
export interface ReportTime extends Times {
  report: string;
}

/** What the service is asked. */
interface Question {
  paths: Record<string, PathOf>;
  workspaceIds: string[];
  maker: ClickMaker;
  requests: number;
}

/** Asks for every kind of report, one request after the other. */
export async function timeReports(
  database: BenchDatabase,
  maker: ClickMaker,
  newest: number,
  requests: number,
): Promise<ReportTime[]> {
  const { linkIds, workspaceIds } = database;
  const paths = reportsUntil(newest, linkIds[0]!, workspaceIds[0]!);
  return timesOn(database, { paths, workspaceIds, maker, requests });
}

async function timesOn(
  { url, client }: BenchDatabase,
  { paths, workspaceIds, maker, requests }: Question,
): Promise<ReportTime[]> {
  const env = { JWT_SECRET: randomBytes(32).toString('hex') };
  const server = await startServer({ databaseUrl: url, env });
  try {
    const token = await registerMemberOf(workspaceIds, server.url, client);
    const times: ReportTime[] = [];
    for (const [report, pathOf] of Object.entries(paths)) {
      const durations: number[] = [];
      let failed = 0;
      for (let n = 0; n < WARM_UP + requests; n += 1) {
        const path = pathOf({
          link: maker.pickLink(),
          workspace: workspaceIds[n % workspaceIds.length]!,
          many: Array.from({ length: 50 }, () => maker.pickLink()).join(','),
        });
        const startedAt = performance.now();
        const response = await fetch(`${server.url}/api/v1${path}`, {
          headers: { authorization: `Bearer ${token}` },
        });
        const text = await response.text();
        durations.push(performance.now() - startedAt);
        if (response.status === 503) failed += 1;
        else if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
      }
      const timed = percentilesOf(durations.slice(WARM_UP));
      times.push({ report, first: durations[0]!, ...timed, failed });
    }
    return times;
  } finally {
    await server.remove();
  }
}

async function registerMemberOf(
  workspaceIds: string[],
  baseUrl: string,
  client: BenchDatabase['client'],
): Promise<string> {
  const response = await fetch(`${baseUrl}/api/v1/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      email: `bench-${randomBytes(4).toString('hex')}@example.com`,
      password: randomBytes(12).toString('hex'),
    }),
  });
  const { accessToken, user } = (await response.json()) as {
    accessToken: string;
    user: { id: string };
  };
  await client.query(
    `INSERT INTO workspace_members (workspace_id, user_id, role, created_at)
     SELECT unnest($1::uuid[]), $2, 'viewer', now()`,
    [workspaceIds, user.id],
  );
  return accessToken;
}

function percentilesOf(durations: number[]): Omit<Times, 'first' | 'failed'> {
  const sorted = durations.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1]!;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
