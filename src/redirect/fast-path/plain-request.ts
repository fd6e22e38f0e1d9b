import type { IncomingHttpHeaders } from 'node:http';
import { isHost } from '../../platform/http/host-header.js';

/** What a visitor's browser sends: a GET without a body, over HTTP/1.1. */
export interface PlainRequest {
  url: string;
  /** Host, and those of `KEPT` that were sent. */
  headers: IncomingHttpHeaders;
}

/** More than browsers send, and less than Node accepts. */
const MAX_BYTES = 8_192;

/** One whole request by the strictest reading of RFC 9112, and nothing behind it. */
const FORM =
  /^GET \/[!-~]* HTTP\/1\.1\r\n(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t -~\x80-\xff]*\r\n)+\r\n$/;
const URL_START = 'GET '.length;
const VERSION = ' HTTP/1.1';

const KEPT = new Set([
  'accept-language',
  'purpose',
  'referer',
  'sec-gpc',
  'sec-purpose',
  'user-agent',
  'x-forwarded-for',
  'x-moz',
  'x-purpose',
]);
/** These change what a request is, or how it is to be answered. */
const DEMANDING = new Set(['content-length', 'expect', 'transfer-encoding', 'upgrade']);
/** By the length of a name most headers are told to be none of those that matter. */
const LENGTHS = new Set([...KEPT, ...DEMANDING, 'host', 'connection'].map((name) => name.length));

/**
 * Reads a chunk of a connection as HTTP if it is a plain request. Of everything that is unusual, let
 * alone wrong, it says undefined: Node, which has a parser for all of HTTP, is to judge. So it must
 * never take for a request what Node would refuse, or read it in another way.
 */
export function readPlainRequest(chunk: Buffer): PlainRequest | undefined {
  if (chunk.length > MAX_BYTES) return undefined;
  const text = chunk.toString('latin1');
  if (!FORM.test(text)) return undefined;

  const headers: Record<string, string> = {};
  let end = text.indexOf('\r\n');
  const url = text.slice(URL_START, end - VERSION.length);
  for (let at = end + 2; at < text.length - 2; at = end + 2) {
    end = text.indexOf('\r\n', at);
    const colon = text.indexOf(':', at);
    if (!LENGTHS.has(colon - at)) continue;
    const name = text.slice(at, colon).toLowerCase();
    if (KEPT.has(name)) {
      if (headers[name] !== undefined) return undefined;
      headers[name] = trim(text, colon + 1, end);
    } else if (name === 'host') {
      const host = trim(text, colon + 1, end);
      if (headers['host'] !== undefined || !isHost(host)) return undefined;
      headers['host'] = host;
    } else if (name === 'connection') {
      if (trim(text, colon + 1, end).toLowerCase() !== 'keep-alive') return undefined;
    } else if (DEMANDING.has(name)) return undefined;
  }
  return headers['host'] === undefined ? undefined : { url, headers };
}

/** A part of a text without the spaces and tabs around it; not those of Unicode, which belong to it. */
function trim(text: string, start: number, end: number): string {
  while (start < end && isSpace(text, start)) start += 1;
  while (end > start && isSpace(text, end - 1)) end -= 1;
  return text.slice(start, end);
}

const isSpace = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return code === 32 || code === 9;
};
