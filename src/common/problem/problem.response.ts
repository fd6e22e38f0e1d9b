import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { FieldError, ProblemError } from './problem.error.js';
import { problemType } from './problems.js';
import { MAX_ERRORS } from './request-limits.js';

export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

/** One wrong part of a request. */
export class FieldErrorResponse implements FieldError {
  @ApiProperty({
    description:
      'Where: an RFC 6901 JSON pointer into the body (empty for the body itself), ' +
      '`?name` for a query parameter, `:name` for a path parameter, or a header name. Names of ' +
      'more than 64 characters are cut, and end with `…`.',
    example: '/tags/3',
  })
  pointer: string;

  @ApiProperty({ description: 'Which rule was broken; stable.', example: 'too-long' })
  code: string;

  @ApiProperty({ description: 'What is expected.', example: 'must be at most 64 characters' })
  detail: string;
}

/** The body of every error answer (RFC 9457). */
export class ProblemResponse {
  @ApiProperty({ format: 'uri', example: 'https://signpost.dev/problems/not-found' })
  type: string;

  @ApiProperty({ description: 'The kind of problem, for people.', example: 'Not found' })
  title: string;

  @ApiProperty({ type: 'integer', minimum: 400, maximum: 599, example: 404 })
  status: number;

  @ApiProperty({ description: 'What happened this time, for people.', example: 'Not found.' })
  detail: string;

  @ApiProperty({
    description: 'The path that was asked for, or its first 256 characters.',
    example: '/api/v1/links',
  })
  instance: string;

  @ApiProperty({ description: 'The kind of problem, for programs.', example: 'not-found' })
  code: string;

  @ApiProperty({
    description: 'The X-Request-Id of the request; name it when you ask for help.',
    example: '01930e2c-7f4a-7b61-9c55-1f0e2d3c4b5a',
  })
  requestId: string;

  @ApiPropertyOptional({
    type: [FieldErrorResponse],
    description: 'All wrong fields at once; of more than 20 the first 20.',
    maxItems: MAX_ERRORS,
  })
  errors?: FieldErrorResponse[];

  @ApiPropertyOptional({
    type: [String],
    description: 'The names of the rate limits that were exceeded; see `RateLimit-Policy`.',
    example: ['api'],
  })
  violatedPolicies?: string[];

  static from(problem: ProblemError, instance: string, requestId: string): ProblemResponse {
    return {
      type: problemType(problem.code),
      title: problem.title,
      status: problem.status,
      detail: problem.detail,
      instance,
      code: problem.code,
      requestId,
      ...(problem.errors && { errors: problem.errors }),
      ...(problem.violatedPolicies && { violatedPolicies: problem.violatedPolicies }),
    };
  }
}
