import type { IncomingHttpHeaders } from 'node:http';

/** What a visitor's browser sends: a GET without a body, over HTTP/1.1. */
export interface PlainRequest {
  url: string;
  /** Those of `KEPT` that were sent, each of them once. */
  headers: IncomingHttpHeaders;
}

/** More than browsers send, and less than Node accepts. */
const MAX_BYTES = 8_192;
const START = 'GET /';
const VERSION = ' HTTP/1.1';
const VISIBLE = /^[!-~]+$/;
/** RFC 9110 §5.6.2, in lower case. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
/** Anything but text, tabs and the ends of lines. */
const CONTROL = /[^\t\r\n -~\x80-\xff]/;

const KEPT = new Set([
  'accept-language',
  'purpose',
  'referer',
  'sec-purpose',
  'user-agent',
  'x-forwarded-for',
  'x-moz',
]);
/** These change what a request is, or how it is to be answered. */
const DEMANDING = new Set(['content-length', 'expect', 'transfer-encoding', 'upgrade']);

/**
 * Reads a chunk of a connection as HTTP/1.1 (RFC 9112) if it is one whole plain request and nothing
 * else. Of everything that is unusual, let alone wrong, it says undefined: Node, which has a parser
 * for all of HTTP, is to judge. So it must never take for a request what Node would refuse, or read
 * in another way.
 */
export function readPlainRequest(chunk: Buffer): PlainRequest | undefined {
  if (chunk.length > MAX_BYTES) return undefined;
  const text = chunk.toString('latin1');
  let end = text.indexOf('\r\n');
  const urlEnd = end - VERSION.length;
  if (!text.startsWith(START) || !text.startsWith(VERSION, urlEnd)) return undefined;
  const url = text.slice(START.length - 1, urlEnd);
  if (!VISIBLE.test(url) || CONTROL.test(text)) return undefined;

  const headers: Record<string, string> = {};
  let hosts = 0;
  for (let at = end + 2; ; at = end + 2) {
    end = text.indexOf('\r', at);
    // Each line ends with CR and LF, and has neither of them inside.
    if (end === -1 || text.indexOf('\n', at) !== end + 1) return undefined;
    if (end === at) break;
    const colon = text.indexOf(':', at);
    if (colon === -1 || colon > end) return undefined;
    const name = text.slice(at, colon).toLowerCase();
    if (KEPT.has(name)) {
      if (headers[name] !== undefined) return undefined;
      headers[name] = trim(text, colon + 1, end);
    } else if (name === 'host') hosts += 1;
    else if (name === 'connection') {
      if (trim(text, colon + 1, end).toLowerCase() !== 'keep-alive') return undefined;
    } else if (DEMANDING.has(name) || !TOKEN.test(name)) return undefined;
  }
  // A request without a host is wrong, and behind this one nothing may follow.
  return hosts === 1 && end + 2 === text.length ? { url, headers } : undefined;
}

/** A part of a text without the spaces and tabs around it; not those of Unicode, which belong to it. */
function trim(text: string, start: number, end: number): string {
  while (isSpace(text, start)) start += 1;
  while (end > start && isSpace(text, end - 1)) end -= 1;
  return text.slice(start, end);
}

const isSpace = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return code === 32 || code === 9;
};
