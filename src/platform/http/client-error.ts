import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { ProblemError } from '../../common/problem/problem.error.js';
import { PROBLEM_CONTENT_TYPE, ProblemResponse } from '../../common/problem/problem.response.js';
import type { ProblemCode } from '../../common/problem/problems.js';
import { uuidv7 } from '../../common/uuid.js';
import { NodeConnection } from './node-connection.js';

const BY_NODE_CODE: Partial<Record<string, [ProblemCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['headers-too-large', 'The URL and the headers together exceed 16 KiB.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['body-too-large', 'The chunk extensions are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request-timeout', 'The request did not arrive in time.'],
};

/**
 * Answers what Node could not even read as a request, in the same form as every other error, once all
 * that was sent before it on the connection is answered; then ends the connection.
 */
export function answerClientError(
  error: Error & { code?: string },
  socket: Socket,
  headers: Readonly<Record<string, string>>,
): void {
  // The client has gone: there is nobody to answer.
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [code, detail] = BY_NODE_CODE[error.code ?? ''] ?? [
    'invalid-request',
    'This is not a valid HTTP request.',
  ];
  const connection = NodeConnection.of(socket);
  if (!connection) return void socket.destroy();
  connection.endWith(() => {
    if (socket.writable) socket.write(rawResponse(new ProblemError(code, { detail }), headers));
  });
}

function rawResponse(problem: ProblemError, headers: Readonly<Record<string, string>>): string {
  const requestId = uuidv7();
  const body = JSON.stringify(ProblemResponse.from(problem, '', requestId));
  return [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'connection: close',
    'cache-control: no-store',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-type: ${PROBLEM_CONTENT_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    '',
    body,
  ].join('\r\n');
}
