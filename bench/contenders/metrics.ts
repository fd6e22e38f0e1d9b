/** What Signpost tells of its clicks. */
export interface Metrics {
  /** Since the process has started. */
  recorded: number;
  ingested: number;
  /** In sealed segments that wait. */
  spoolBytes: number;
  /** Age of the oldest click that waits. */
  lagSeconds: number;
  /** In the memory of each process, summed up. */
  cachedLinks: number;
}

/** Production shows its metrics only to those who have one. */
export const METRICS_TOKEN = 'Wb7nQ4xT9kLc2VzR8sHd';

export async function readMetrics(url: string): Promise<Metrics> {
  const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
  const text = await (await fetch(`${url}/metrics`, { headers })).text();
  const value = (name: string): number =>
    Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? NaN);
  return {
    recorded: value('signpost_clicks_recorded_total'),
    ingested: value('signpost_clicks_ingested_total'),
    spoolBytes: value('signpost_spool_bytes'),
    lagSeconds: value('signpost_spool_age_seconds'),
    cachedLinks: value('signpost_cached_links'),
  };
}
