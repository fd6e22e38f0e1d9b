import { randomInt } from 'node:crypto';
import { encodeCursor } from '../../src/common/cursor.js';
import { ask } from './http.ts';
import { type Latency, latencyOf } from './latency.ts';
import { codeOf, FINDABLE, linkOf } from './link-set.ts';

/** Less than one every 5 ms: more than 200 a second would wait to share queries. */
const COLD_EVERY_MS = 6;
const LISTS: Record<string, Record<string, string>> = {
  'list, first page': {},
  'search: half of the links': { q: FINDABLE.common },
  'search: 1 in 100': { q: FINDABLE.uncommon },
  'search: 1 in 10,000': { q: FINDABLE.rare },
  'search: many, all old': { q: FINDABLE.outdated },
  'search: none': { q: FINDABLE.none },
  'search: none, of common letters': { q: FINDABLE.noneOfCommonLetters },
  'search: one letter': { q: 'e' },
  'search: two signs, none': { q: '|~' },
  'tag: half of the links': { tag: FINDABLE.common },
  'tag: 1 in 10,000': { tag: FINDABLE.rare },
  'tag: many, all old': { tag: FINDABLE.outdated },
  'tag: none': { tag: FINDABLE.none },
};

/** What is asked of the service, and how long that takes, by the kind of request. */
export type Latencies = Record<string, Latency>;

/** Asks a server with `links` links in one workspace of the owner of the token. */
export async function measureRequests(
  baseUrl: string,
  token: string,
  links: number,
  requests: number,
): Promise<Latencies> {
  const latencies: Latencies = {};
  const asked = new Set<number>();
  latencies['cold lookup'] = await latencyOf(
    requests,
    async () => {
      let number: number;
      do number = randomInt(links);
      while (asked.has(number));
      asked.add(number);
      const { status, location } = await ask(`${baseUrl}/${codeOf(number)}`);
      if (status !== 302 || location !== linkOf(number, links).url) {
        throw new Error(`link ${number} is answered ${status} ${location}`);
      }
    },
    COLD_EVERY_MS,
  );
  latencies['create'] = await latencyOf(requests, async (n) => {
    const body = { url: `https://www.example.com/new/${n}`, title: `spring offer ${n}` };
    const { status, text } = await ask(`${baseUrl}/api/v1/links`, token, body);
    if (status !== 201) throw new Error(`creation is answered ${status} ${text}`);
  });
  for (const [kind, query] of Object.entries(LISTS)) {
    latencies[kind] = await latencyOf(requests, () => list(baseUrl, token, query));
  }
  latencies['list, deep page'] = await latencyOf(requests, () => {
    const cursor = encodeCursor(linkOf(randomInt(links), links).id);
    return list(baseUrl, token, { cursor });
  });
  return latencies;
}

async function list(baseUrl: string, token: string, query: Record<string, string>): Promise<void> {
  const search = new URLSearchParams({ ...query, limit: '50' });
  const { status, text } = await ask(`${baseUrl}/api/v1/links?${search.toString()}`, token);
  if (status !== 200) throw new Error(`${search.toString()} is answered ${status} ${text}`);
}
