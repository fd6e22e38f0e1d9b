import { HttpException } from '@nestjs/common';
import { ProblemError, type ProblemOptions } from './problem.error.js';
import type { ProblemCode } from './problems.js';

const BY_STATUS: Partial<Record<number, ProblemCode>> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  405: 'method-not-allowed',
  408: 'request-timeout',
  412: 'precondition-failed',
  413: 'body-too-large',
  414: 'uri-too-long',
  415: 'unsupported-media-type',
  429: 'too-many-requests',
  431: 'headers-too-large',
};

/** Fastify's own refusals, with a detail that says what to do. */
const BY_FASTIFY_CODE: Partial<Record<string, [ProblemCode, string]>> = {
  FST_ERR_BAD_URL: ['invalid-request', 'The URL contains a broken percent-encoding.'],
  FST_ERR_MAX_PARAM_LENGTH: ['uri-too-long', 'A segment of the path is too long.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['malformed-json', 'The body is empty, but must be JSON.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['malformed-json', 'The body is not valid JSON.'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['body-too-large', 'The body is larger than this operation takes.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'invalid-request',
    'The body is not as long as its Content-Length says.',
  ],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'unsupported-media-type',
    'Send the body as JSON, with the header Content-Type: application/json.',
  ],
};

/** The problem that an error of Nest or Fastify stands for, or undefined for a defect of ours. */
export function toProblem(error: unknown): ProblemError | undefined {
  if (error instanceof ProblemError) return error;
  if (!(error instanceof Error)) return undefined;
  // Nest wraps the errors of Fastify and keeps the original as the cause.
  const fastifyError = error instanceof HttpException ? error.cause : error;
  const known = BY_FASTIFY_CODE[errorCode(fastifyError) ?? ''];
  if (known) return new ProblemError(known[0], { detail: known[1], cause: error });

  const status = statusOf(error);
  if (status === undefined || status < 400 || status > 499) return undefined;
  const code = BY_STATUS[status] ?? 'invalid-request';
  const options: ProblemOptions = { detail: sentence(error.message), cause: error };
  if (status === 401) options.headers = { 'www-authenticate': 'Bearer' };
  if (status === 429) options.headers = { 'retry-after': '1' };
  return new ProblemError(code, options);
}

function errorCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

function statusOf(error: Error): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown }).statusCode;
  return typeof status === 'number' && errorCode(error)?.startsWith('FST_') ? status : undefined;
}

const sentence = (message: string): string =>
  message === '' || /[.!?]$/.test(message) ? message : `${message}.`;
