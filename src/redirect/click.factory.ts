import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import { ClicksConfig } from '../../config/clicks.config.js';
import { ServerConfig } from '../../config/server.config.js';
import type { ClickRecord } from '../analytics/common/spool-format.js';
import { isBot } from '../common/user-agent.js';
import type { VisitorRequest } from './redirect.types.js';
import { ClientAddress, Networks } from '../platform/http/client-address.js';

/** Longer header values are cut: no report needs them whole. */
const MAX_HEADER = 512;
/** Of longer queries only what reports show is stored. */
const MAX_QUERY = 1_024;
/** Of a name and its value; as much as a report shows of a value never takes more. */
const MAX_PARAMETER = 1_024;
/** The first of each name, as URLSearchParams has it; names may have an escaped underscore. */
const REPORTED = [
  /&utm(?:_|%5[Ff])source=[^&]*/,
  /&utm(?:_|%5[Ff])medium=[^&]*/,
  /&utm(?:_|%5[Ff])campaign=[^&]*/,
  /&qr(?=[&=]|$)/,
];

/** What a person is called who wants to leave no trace: no browser, and no bot either. */
const SOMEBODY = 'GPC; person';

/** Makes clicks of requests: what their reports will tell. */
@Injectable()
export class ClickFactory {
  private readonly addresses: ClientAddress;
  /** Undefined if there are none. */
  private readonly uncounted: Networks | undefined;
  private readonly respectsGpc: boolean;

  constructor(server: ServerConfig, { uncountedAddresses, respectGpc }: ClicksConfig) {
    this.addresses = new ClientAddress(server.trustedProxies);
    this.uncounted = uncountedAddresses.length > 0 ? new Networks(uncountedAddresses) : undefined;
    this.respectsGpc = respectGpc;
  }

  /** Whether the request comes from where the operator wants no clicks to be counted. */
  isUncounted(request: VisitorRequest): boolean {
    return this.uncounted !== undefined && this.uncounted.has(this.addresses.of(request));
  }

  /** @param target the name of the one that the visitor is sent to; undefined for the link's own */
  make(linkId: string, request: VisitorRequest, clickedAt: number, target?: string): ClickRecord {
    const { url, headers } = request;
    if (this.respectsGpc && headers['sec-gpc'] === '1')
      return anonymous(linkId, headers, clickedAt);
    const queryAt = url.indexOf('?') + 1;
    return {
      clickedAt,
      linkId,
      address: this.addresses.of(request),
      userAgent: userAgentOf(headers),
      referrer: referrerOf(headers.referer),
      language: languagesOf(headers['accept-language']),
      query: queryAt === 0 ? '' : queryOf(url.slice(queryAt)),
      isPrefetch: isPrefetch(headers),
      target,
    };
  }
}

/** Whose signal is respected: there was somebody, or a bot, and nothing else of it gets to the disk. */
function anonymous(linkId: string, headers: IncomingHttpHeaders, clickedAt: number): ClickRecord {
  const userAgent = isBot(userAgentOf(headers)) ? '' : SOMEBODY;
  const isFetchedAhead = isPrefetch(headers);
  const nothing = { address: '', referrer: '', language: '', query: '' };
  return { clickedAt, linkId, userAgent, isPrefetch: isFetchedAhead, ...nothing };
}

/** What the client calls itself, as far as anything looks at it. */
export const userAgentOf = (headers: IncomingHttpHeaders): string => cut(headers['user-agent']);

/**
 * Fetched ahead of a click that may never come: Sec-Purpose (Fetch Standard), and before it
 * Purpose (Chrome, Safari), X-Purpose (Safari, Facebook) and X-Moz (Firefox).
 */
export function isPrefetch(headers: IncomingHttpHeaders): boolean {
  return (
    saysPrefetch(headers['sec-purpose']) ||
    saysPrefetch(headers['purpose']) ||
    saysPrefetch(headers['x-purpose']) ||
    saysPrefetch(headers['x-moz'])
  );
}

const saysPrefetch = (purpose: string | string[] | undefined): boolean =>
  purpose !== undefined && /prefetch|prerender|preview/i.test(String(purpose));

const cut = (header: string | undefined): string =>
  header === undefined ? '' : header.length > MAX_HEADER ? header.slice(0, MAX_HEADER) : header;

/** All of it that is looked at is the host: half a host would be another one. */
export function referrerOf(header: string | undefined): string {
  if (header === undefined || header.length <= MAX_HEADER) return header ?? '';
  const path = header.indexOf('/', header.indexOf('://') + '://'.length);
  return path === -1 || path > MAX_HEADER ? '' : header.slice(0, MAX_HEADER);
}

/** Half a language would be another one, and half a weight another weight. */
export function languagesOf(header: string | undefined): string {
  if (header === undefined || header.length <= MAX_HEADER) return header ?? '';
  return header.slice(0, Math.max(0, header.lastIndexOf(',', MAX_HEADER)));
}

/** Of a long query only the parameters that reports show, each whole or not at all. */
function queryOf(query: string): string {
  if (query.length <= MAX_QUERY) return query;
  const parameters = `&${query}`;
  return REPORTED.map((parameter) => parameter.exec(parameters)?.[0] ?? '')
    .filter(({ length }) => length <= MAX_PARAMETER)
    .join('')
    .slice(1);
}
