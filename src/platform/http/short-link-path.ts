import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { isForPrograms } from '../../common/page.js';

/** What may be a code, and what is behind it. */
const CODE_AND_REST = /^\/([A-Za-z0-9_-]{1,64})([^A-Za-z0-9_?-][^?]*)/;

/** Decoded: nothing that a code may have, and no control characters but white space. */
const NO_CODE = /^(?:[^A-Za-z0-9_\-\p{Cc}]|[\t\n\r])+$/u;

/** A path that goes on behind the code, whatever the script it is written in. */
const DEEPER = /\/.*[\p{L}\p{N}]/u;

/** Some dozen characters, percent-encoded. */
const MAX_REST = 192;

/**
 * The URL without what chats and mails have put behind the code of a short link: a slash, a full stop,
 * a bracket, a space that nobody sees, the text that follows. None of it can be in a code, so nobody
 * can have meant another link. A plus directly behind the code stays: it asks for a preview. A URL of
 * another form, such as one of a file, stays as it is.
 */
export function withoutTrail(url: string): string {
  const [all, code, rest] = CODE_AND_REST.exec(url) ?? [];
  // An encoded slash is part of a name.
  if (rest === undefined || rest.length > MAX_REST || /%2f/i.test(rest)) return url;
  const trail = decode(rest);
  if (trail === undefined || !NO_CODE.test(trail) || DEEPER.test(trail)) return url;
  const preview = trail.startsWith('+') ? '+' : '';
  return `/${code}${preview}${url.slice(all!.length)}`;
}

/** The same, but never the URL of a route of the service itself. For Fastify, before it looks for one. */
export function rewriteShortLink(server: FastifyInstance, { url = '' }: IncomingMessage): string {
  if (isForPrograms(url)) return url;
  const rewritten = withoutTrail(url);
  if (rewritten === url) return url;
  return server.hasRoute({ method: 'GET', url: rewritten.split('?', 1)[0]! }) ? url : rewritten;
}

/** Undefined for a broken encoding. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
