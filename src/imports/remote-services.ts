import { setTimeout as sleep } from 'node:timers/promises';
import type { OutboundAnswer, OutboundClient } from '../platform/outbound/outbound-client.js';
import { OutboundError } from '../platform/outbound/outbound.error.js';
import type { RemoteService, RemoteSource } from './imports.types.js';
import { type Item, listOf, membersOf, parsed } from './sources/json-values.js';
import { UnreadableFile } from './sources/unreadable-file.js';

const TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 20_000_000;

/** A busy service is asked again so often, each time after a longer rest. */
const MAX_TRIES = 5;
const MAX_REST_SECONDS = 60;

/** Links of one answer of each service: as many as it gives at most. */
const SHLINK_PAGE = 200;
const KUTT_PAGE = 50;
const BITLY_PAGE = 100;
const DUB_PAGE = 100;
const YOURLS_LIMIT = 1_000_000;

/** Some of the links, as the service answers them, and where the others are; null if there are none. */
export interface RemotePage {
  document: unknown;
  next: string | null;
}

/** Asks a running service for its links, a page at a time; each page says where the next one is. */
export class RemoteReader {
  constructor(
    private readonly client: Pick<OutboundClient, 'request'>,
    private readonly service: RemoteService,
    private readonly signal: AbortSignal,
  ) {}

  /** @throws UnreadableFile, OutboundError */
  page(place: string | null): Promise<RemotePage> {
    const read: Record<RemoteSource, (place: string | null) => Promise<RemotePage>> = {
      shlink: (at) => this.shlink(Number(at ?? 1)),
      kutt: (at) => this.kutt(Number(at ?? 0)),
      yourls: () => this.yourls(),
      bitly: (at) => this.bitly(at),
      dub: (at) => this.dub(Number(at ?? 1)),
    };
    return read[this.service.source](place);
  }

  private async shlink(page: number): Promise<RemotePage> {
    const headers = { 'x-api-key': this.service.apiKey };
    const query = `page=${page}&itemsPerPage=${SHLINK_PAGE}&orderBy=dateCreated-ASC`;
    const document = await this.ask(`/rest/v3/short-urls?${query}`, { headers });
    const { data, pagination } = membersOf(membersOf(document)['shortUrls']);
    for (const link of listOf(data).map(membersOf)) {
      if (link['hasRedirectRules'] !== true) continue;
      const domain = typeof link['domain'] === 'string' ? link['domain'] : '';
      const path = `/rest/v3/short-urls/${encodeURIComponent(String(link['shortCode']))}/redirect-rules`;
      const rules = await this.ask(`${path}?domain=${encodeURIComponent(domain)}`, { headers });
      link['redirectRules'] = membersOf(rules)['redirectRules'];
    }
    const pages = Number(membersOf(pagination)['pagesCount'] ?? 0);
    return { document, next: page < pages ? String(page + 1) : null };
  }

  private async kutt(skip: number): Promise<RemotePage> {
    const headers = { 'x-api-key': this.service.apiKey };
    const document = await this.ask(`/api/v2/links?limit=${KUTT_PAGE}&skip=${skip}`, { headers });
    const { data, total } = membersOf(document);
    const read = skip + listOf(data).length;
    const isLast = listOf(data).length === 0 || read >= Number(total);
    return { document, next: isLast ? null : String(read) };
  }

  /** The signature is sent in the body: addresses are written into logs. */
  private async yourls(): Promise<RemotePage> {
    const fields = {
      signature: this.service.apiKey,
      action: 'stats',
      format: 'json',
      filter: 'last',
      limit: String(YOURLS_LIMIT),
    };
    const document = await this.ask('/yourls-api.php', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    });
    return { document, next: null };
  }

  /** The place is the number of the group, and what its last answer ended with. */
  private async bitly(place: string | null): Promise<RemotePage> {
    const headers = { authorization: `Bearer ${this.service.apiKey}` };
    const [group = '0', after = ''] = place?.split(' ') ?? [];
    const groups = listOf(membersOf(await this.ask('/v4/groups', { headers }))['groups']);
    const guid = membersOf(groups[Number(group)])['guid'];
    if (typeof guid !== 'string') return { document: { links: [] }, next: null };
    const query = `size=${BITLY_PAGE}&search_after=${encodeURIComponent(after)}`;
    const path = `/v4/groups/${encodeURIComponent(guid)}/bitlinks?${query}`;
    const document = await this.ask(path, { headers });
    const more = membersOf(membersOf(document)['pagination'])['search_after'];
    if (typeof more === 'string' && more !== '' && more !== after) {
      return { document, next: `${group} ${more}` };
    }
    const isLast = Number(group) + 1 >= groups.length;
    return { document, next: isLast ? null : String(Number(group) + 1) };
  }

  private async dub(page: number): Promise<RemotePage> {
    const headers = { authorization: `Bearer ${this.service.apiKey}` };
    const document = await this.ask(`/links?page=${page}&pageSize=${DUB_PAGE}`, { headers });
    return { document, next: listOf(document).length < DUB_PAGE ? null : String(page + 1) };
  }

  private async ask(
    path: string,
    options: { method?: 'POST'; headers: Record<string, string>; body?: string },
  ): Promise<unknown> {
    const url = `${this.service.url.replace(/[?#].*$/, '').replace(/\/+$/, '')}${path}`;
    for (let tries = 1; ; tries += 1) {
      const answer = await this.client.request(url, {
        ...options,
        headers: { accept: 'application/json', ...options.headers },
        timeoutMs: TIMEOUT_MS,
        maxBytes: MAX_ANSWER_BYTES,
        signal: this.signal,
      });
      if (answer.status === 200) return documentOf(answer);
      const isBusy = answer.status === 429 || answer.status >= 500;
      if (!isBusy || tries === MAX_TRIES) throw refused(answer.status);
      await sleep(restOf(answer, tries) * 1000, undefined, { signal: this.signal });
    }
  }
}

function documentOf({ body }: OutboundAnswer<Buffer>): Item | unknown[] {
  const document = parsed(body.toString());
  if (typeof document === 'object' && document !== null) return document as Item;
  throw new UnreadableFile('The service did not answer with valid JSON.');
}

function refused(status: number): Error {
  if (status === 401 || status === 403) {
    return new UnreadableFile(`The service refused the API key (it answered ${status}).`);
  }
  if (status >= 300 && status < 400) {
    return new UnreadableFile(
      `The service answered with a redirect (${status}), which is not followed. Give the address that it leads to.`,
    );
  }
  return new UnreadableFile(`The service answered ${status}.`);
}

function restOf({ headers }: OutboundAnswer<Buffer>, tries: number): number {
  const asked = Number(headers['retry-after']);
  return Math.min(asked > 0 ? asked : 2 ** tries, MAX_REST_SECONDS);
}

/** What is told of a failure to who has asked for the import. */
export const outboundProblem = (error: OutboundError) => ({
  code: 'source-unreachable',
  detail: `The address of the service ${error.message}.`,
});
