import { describe, expect, it } from '@jest/globals';
import {
  BadRequestException,
  HttpException,
  ServiceUnavailableException,
  UnauthorizedException,
} from '@nestjs/common';
import { ProblemError } from './problem.error.js';
import { toProblem } from './problem.mapper.js';

const fastifyError = (code: string, statusCode: number) =>
  Object.assign(new Error('internal wording'), { code, statusCode });

describe(toProblem.name, () => {
  it('leaves a problem as it is', () => {
    const problem = new ProblemError('code-taken');
    expect(toProblem(problem)).toBe(problem);
  });

  it.each([
    ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 415, 'unsupported-media-type'],
    ['FST_ERR_CTP_BODY_TOO_LARGE', 413, 'body-too-large'],
    ['FST_ERR_CTP_EMPTY_JSON_BODY', 400, 'malformed-json'],
    ['FST_ERR_BAD_URL', 400, 'invalid-request'],
    ['FST_ERR_MAX_PARAM_LENGTH', 414, 'uri-too-long'],
  ])('knows %s of Fastify, also when Nest has wrapped it', (code, status, expected) => {
    const error = fastifyError(code, status);
    expect(toProblem(error)?.code).toBe(expected);
    expect(toProblem(new HttpException('x', status, { cause: error }))?.code).toBe(expected);
  });

  it('keeps the message of a client error, and asks for credentials', () => {
    expect(toProblem(new BadRequestException('limit is odd'))).toMatchObject({
      code: 'invalid-request',
      detail: 'limit is odd.',
    });
    expect(toProblem(new UnauthorizedException())?.headers).toEqual({
      'www-authenticate': 'Bearer',
    });
  });

  it.each([
    new Error('secret'),
    new ServiceUnavailableException(),
    Object.assign(new Error('a library'), { statusCode: 404 }),
    'text',
    undefined,
  ])('takes %s for a defect of ours', (error) => {
    expect(toProblem(error)).toBeUndefined();
  });
});
