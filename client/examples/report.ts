import { createClient, dataOf, pages, type ClientOptions } from '../index.js';

const WEEK_MS = 7 * 24 * 60 * 60_000;

/** Prints how often people followed each link in the last seven days, the most followed first. */
export async function report(options: ClientOptions, print: (line: string) => void): Promise<void> {
  const client = createClient(options);
  const from = new Date(Date.now() - WEEK_MS).toISOString();
  const rows: { humans: number; shortUrl: string }[] = [];
  // As many links as one report takes.
  const links = pages(async (cursor) =>
    dataOf(await client.GET('/api/v1/links', { params: { query: { limit: 100, cursor } } })),
  );
  for await (const page of links) {
    if (page.length === 0) continue;
    const query = { ids: page.map(({ id }) => id), from };
    const { items } = dataOf(await client.GET('/api/v1/stats/links', { params: { query } }));
    const shortUrls = new Map(page.map(({ id, shortUrl }) => [id, shortUrl]));
    rows.push(...items.map((item) => ({ ...item, shortUrl: shortUrls.get(item.linkId)! })));
  }
  rows
    .filter(({ humans }) => humans > 0)
    .toSorted((a, b) => b.humans - a.humans)
    .forEach(({ humans, shortUrl }) => print(`${humans}\t${shortUrl}`));
}
