import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { ProblemError } from '../common/problem/problem.error.js';
import { PROBLEM_CONTENT_TYPE, ProblemResponse } from '../common/problem/problem.response.js';
import type { ProblemCode } from '../common/problem/problems.js';
import { uuidv7 } from '../common/uuid.js';

const BY_NODE_CODE: Partial<Record<string, [ProblemCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['headers-too-large', 'The URL and the headers together exceed 16 KiB.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['body-too-large', 'The chunk extensions are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request-timeout', 'The request did not arrive in time.'],
};

/** Answers what Node could not even read as a request, in the same form as every other error. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  // The client has gone: there is nobody to answer.
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable && socket.bytesWritten === 0) {
    const [code, detail] = BY_NODE_CODE[error.code ?? ''] ?? [
      'invalid-request',
      'This is not a valid HTTP request.',
    ];
    socket.write(rawResponse(new ProblemError(code, { detail })));
  }
  socket.destroySoon();
}

function rawResponse(problem: ProblemError): string {
  const requestId = uuidv7();
  const body = JSON.stringify(ProblemResponse.from(problem, '', requestId));
  return [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'connection: close',
    'cache-control: no-store',
    `content-type: ${PROBLEM_CONTENT_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    '',
    body,
  ].join('\r\n');
}
