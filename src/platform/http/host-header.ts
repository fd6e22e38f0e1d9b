import type { IncomingMessage, ServerResponse } from 'node:http';
import { problemAnswer } from '../../common/problem/problem.answer.js';
import { ProblemError } from '../../common/problem/problem.error.js';
import { requestIdOf } from './request-id.js';

/** A name, an IPv4 address or an IPv6 address in brackets, and a port (RFC 9110 §7.2, RFC 3986 §3.2). */
const HOST = /^(?:[A-Za-z0-9\-._~%]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?$/;

const SLASH = '/'.charCodeAt(0);

export const isHost = (value: string): boolean => HOST.test(value);

/**
 * The host, perhaps with a port, that a request is for: that of its URL if it has one, as proxies are sent
 * (RFC 9112 §3.2.2), else that of its Host header. X-Forwarded-Host is nobody's word.
 */
export function hostOfRequest({
  url,
  headers,
}: {
  url?: string;
  headers: { host?: string };
}): string | undefined {
  if (url === undefined || url.charCodeAt(0) === SLASH) return headers.host;
  return /^https?:\/\/([^/?#]+)/i.exec(url)?.[1] ?? headers.host;
}

/** Whether the request names one host and names it properly, as RFC 9112 §3.2 demands of HTTP/1.1. */
export function hasOneHost({ rawHeaders, headers, httpVersionMinor }: IncomingMessage): boolean {
  const { host } = headers;
  // Node itself refuses a request of HTTP/1.1 without the header.
  if (host === undefined) return httpVersionMinor === 0;
  if (!isHost(host)) return false;
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts === 1;
}

/** Answers 400 and ends the connection: who knows whom the next request is meant for. */
export function refuseHost(request: IncomingMessage, response: ServerResponse): void {
  const requestId = requestIdOf(request);
  const detail = 'The request must have one valid Host header.';
  const problem = new ProblemError('invalid-request', {
    detail,
    errors: [{ pointer: 'Host', code: 'invalid', detail }],
  });
  const { accept } = request.headers;
  const { headers, body } = problemAnswer(problem, { url: request.url!, accept, requestId });
  response.writeHead(problem.status, {
    connection: 'close',
    ...headers,
    'x-request-id': requestId,
  });
  response.end(body);
}
