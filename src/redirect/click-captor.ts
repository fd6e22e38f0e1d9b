import type { FastifyRequest } from 'fastify';
import type { ClickRecord } from '../analytics/recording/spool.types.js';
import type { ClientAddress } from './client-address.js';

/** Longer header values are cut: no report needs them whole. */
const MAX_HEADER = 512;
const MAX_QUERY = 1024;

/** Takes from a request what a click is to tell later. */
export class ClickCaptor {
  constructor(private readonly addresses: ClientAddress) {}

  capture(linkId: string, request: FastifyRequest, clickedAt: number): ClickRecord {
    const { headers, raw } = request;
    const url = raw.url!;
    const queryAt = url.indexOf('?') + 1;
    return {
      clickedAt,
      linkId,
      address: this.addresses.of(raw),
      userAgent: cut(headers['user-agent']),
      referrer: cut(headers.referer),
      language: cut(headers['accept-language']),
      query: queryAt === 0 ? '' : url.slice(queryAt, queryAt + MAX_QUERY),
      isPrefetch: isPrefetch(request),
    };
  }
}

/**
 * Fetched ahead of a click that may never come: Sec-Purpose (Fetch Standard), and before it
 * Purpose (Chrome, Safari) and X-Moz (Firefox).
 */
export function isPrefetch({ headers }: FastifyRequest): boolean {
  const purpose = headers['sec-purpose'] ?? headers['purpose'] ?? headers['x-moz'];
  return typeof purpose === 'string' && /prefetch|prerender|preview/i.test(purpose);
}

const cut = (header: string | undefined): string =>
  header === undefined ? '' : header.length > MAX_HEADER ? header.slice(0, MAX_HEADER) : header;
