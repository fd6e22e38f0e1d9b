import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import { ServerConfig } from '../../config/server.config.js';
import type { ClickRecord } from '../analytics/recording/spool.types.js';
import type { ShortcutRequest } from '../http/shortcut.types.js';
import { ClientAddress } from '../http/client-address.js';

/** Longer header values are cut: no report needs them whole. */
const MAX_HEADER = 512;
const MAX_QUERY = 1024;

/** Takes from a request what a click is to tell later. */
@Injectable()
export class ClickCaptor {
  private readonly addresses: ClientAddress;

  constructor(server: ServerConfig) {
    this.addresses = new ClientAddress(server.trustedProxies);
  }

  capture(linkId: string, request: ShortcutRequest, clickedAt: number): ClickRecord {
    const { url, headers } = request;
    const queryAt = url.indexOf('?') + 1;
    return {
      clickedAt,
      linkId,
      address: this.addresses.of(request),
      userAgent: cut(headers['user-agent']),
      referrer: cut(headers.referer),
      language: cut(headers['accept-language']),
      query: queryAt === 0 ? '' : url.slice(queryAt, queryAt + MAX_QUERY),
      isPrefetch: isPrefetch(headers),
    };
  }
}

/**
 * Fetched ahead of a click that may never come: Sec-Purpose (Fetch Standard), and before it
 * Purpose (Chrome, Safari) and X-Moz (Firefox).
 */
export function isPrefetch(headers: IncomingHttpHeaders): boolean {
  const purpose = headers['sec-purpose'] ?? headers['purpose'] ?? headers['x-moz'];
  return typeof purpose === 'string' && /prefetch|prerender|preview/i.test(purpose);
}

const cut = (header: string | undefined): string =>
  header === undefined ? '' : header.length > MAX_HEADER ? header.slice(0, MAX_HEADER) : header;
