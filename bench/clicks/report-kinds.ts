const DAY_MS = 86_400_000;

/** The path of a request, for a link, a workspace and many links that were picked for it. */
export type PathOf = (pick: { link: string; workspace: string; many: string }) => string;

/** Days are those up to the newest click, and links are picked by popularity unless it says so. */
export function reportsUntil(
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
    'workspace, 30 days, links with a tag by all dimensions': ({ workspace }) =>
      `/workspaces/${workspace}/stats?${month}&tag=campaign&${all}`,
    'workspace, 30 days, one country and browser by all dimensions': ({ workspace }) =>
      `/workspaces/${workspace}/stats?${month}&country=US&browser=Chrome&${all}`,
    'workspace, 30 days, Kolkata, one country and browser by all dimensions': ({ workspace }) =>
      `/workspaces/${workspace}/stats?${month}&timezone=Asia/Kolkata&country=US&browser=Chrome&${all}`,
    'workspace, 30 days, all but one country and system by all dimensions': ({ workspace }) =>
      `/workspaces/${workspace}/stats?${month}&country=-US&os=-Windows&${all}`,
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
