import { randomBytes } from 'node:crypto';
import { startServer } from '../../test/support/server.ts';
import type { ClickMaker } from './click-maker.ts';
import type { BenchDatabase } from './database.ts';

const DAY_MS = 86_400_000;
/** Requests of each kind that are not timed: the code is compiled meanwhile. */
const WARM_UP = 20;

export interface ReportTime {
  report: string;
  /** The first one of its kind, for which nothing has been kept. */
  first: number;
  p50: number;
  p99: number;
  max: number;
  /** Requests that the database did not answer in time. */
  failed: number;
}

type PathOf = (pick: { link: string; workspace: string; many: string }) => string;

/** Asks the service for every kind of report, one after the other; times are in milliseconds. */
export async function timeReports(
  { client, url, linkIds, workspaceIds }: BenchDatabase,
  maker: ClickMaker,
  newest: number,
  requests: number,
): Promise<ReportTime[]> {
  const server = await startServer({
    databaseUrl: url,
    env: { JWT_SECRET: randomBytes(32).toString('hex') },
  });
  try {
    const token = await registerMemberOf(workspaceIds, server.url, client);
    const times: ReportTime[] = [];
    for (const [report, pathOf] of Object.entries(
      reportsUntil(newest, linkIds[0]!, workspaceIds[0]!),
    )) {
      const durations: number[] = [];
      let first = NaN;
      let failed = 0;
      for (let n = -WARM_UP; n < requests; n += 1) {
        const path = pathOf({
          link: maker.pickLink(),
          workspace: workspaceIds[(n + WARM_UP) % workspaceIds.length]!,
          many: Array.from({ length: 50 }, () => maker.pickLink()).join(','),
        });
        const startedAt = performance.now();
        const response = await fetch(`${server.url}/api/v1${path}`, {
          headers: { authorization: `Bearer ${token}` },
        });
        const text = await response.text();
        const duration = performance.now() - startedAt;
        if (response.status === 503) failed += 1;
        else if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
        if (n === -WARM_UP) first = duration;
        if (n >= 0) durations.push(duration);
      }
      times.push({ report, first, ...percentilesOf(durations), failed });
    }
    return times;
  } finally {
    await server.remove();
  }
}

/** Days are those up to the newest click, and links are picked by popularity unless it says so. */
function reportsUntil(
  newest: number,
  busiest: string,
  busiestWorkspace: string,
): Record<string, PathOf> {
  const date = (daysAgo: number) => new Date(newest - daysAgo * DAY_MS).toISOString().slice(0, 10);
  const month = `from=${date(29)}&to=${date(0)}`;
  const week = `from=${date(6)}&to=${date(0)}`;
  const year = `from=${date(364)}&to=${date(0)}`;
  const all =
    'groupBy=country,referrer,browser,os,device,language,utm_source,utm_medium,utm_campaign';
  return {
    'link, 30 days': ({ link }) => `/links/${link}/stats?${month}`,
    'link, 30 days, Berlin, by country and browser': ({ link }) =>
      `/links/${link}/stats?${month}&timezone=Europe/Berlin&groupBy=country,browser`,
    'link, 7 days by the hour': ({ link }) => `/links/${link}/stats?${week}&interval=hour`,
    'link, a year in Kolkata, by all dimensions': ({ link }) =>
      `/links/${link}/stats?${year}&timezone=Asia/Kolkata&${all}`,
    'link, 30 days, one country': ({ link }) => `/links/${link}/stats?${month}&country=US`,
    'link, 30 days, one country by browser': ({ link }) =>
      `/links/${link}/stats?${month}&country=US&groupBy=browser`,
    'busiest link, 30 days by all dimensions': () => `/links/${busiest}/stats?${month}&${all}`,
    'busiest link, 30 days, one country by all dimensions': () =>
      `/links/${busiest}/stats?${month}&country=US&${all}`,
    'busiest link, a year in Berlin': () =>
      `/links/${busiest}/stats?${year}&timezone=Europe/Berlin`,
    'busiest link, 30 days, all but one country': () =>
      `/links/${busiest}/stats?${month}&country=-US`,
    'busiest link, one day, one country by browser': () =>
      `/links/${busiest}/stats?from=${date(1)}&to=${date(1)}&country=US&groupBy=browser`,
    'workspace, 30 days': ({ workspace }) => `/workspaces/${workspace}/stats?${month}`,
    'workspace, 30 days, Berlin, by all dimensions': ({ workspace }) =>
      `/workspaces/${workspace}/stats?${month}&timezone=Europe/Berlin&${all}`,
    'workspace, 30 days, links with a tag': ({ workspace }) =>
      `/workspaces/${workspace}/stats?${month}&tag=campaign`,
    'workspace, 30 days, one country by browser': ({ workspace }) =>
      `/workspaces/${workspace}/stats?${month}&country=US&groupBy=browser`,
    'busiest workspace, 30 days, one country by browser': () =>
      `/workspaces/${busiestWorkspace}/stats?${month}&country=US&groupBy=browser`,
    'busiest workspace, 30 days, Berlin': () =>
      `/workspaces/${busiestWorkspace}/stats?${month}&timezone=Europe/Berlin`,
    'busiest workspace, 30 days, one country by all dimensions': () =>
      `/workspaces/${busiestWorkspace}/stats?${month}&country=US&${all}`,
    'totals of 50 links, 30 days': ({ many }) => `/stats/links?ids=${many}&${month}`,
    'clicks of a link, a page': ({ link }) => `/links/${link}/clicks?limit=100`,
  };
}

async function registerMemberOf(
  workspaceIds: string[],
  baseUrl: string,
  client: BenchDatabase['client'],
): Promise<string> {
  const response = await fetch(`${baseUrl}/api/v1/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'bench@example.com', password: randomBytes(12).toString('hex') }),
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

function percentilesOf(durations: number[]): Omit<ReportTime, 'report' | 'first' | 'failed'> {
  const sorted = durations.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1]!;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
