import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { ProblemResponse } from './problem.response.js';
import { problemType, PROBLEMS, type ProblemCode } from './problems.js';

/** Documents the problems an operation can answer with: one response per status, one example per code. */
export function ApiProblems(...codes: ProblemCode[]): MethodDecorator & ClassDecorator {
  const statuses = [...new Set(codes.map((code) => PROBLEMS[code].status))];
  return applyDecorators(
    ApiExtraModels(ProblemResponse),
    ...statuses.map((status) =>
      ApiResponse(
        problemResponse(
          status,
          codes.filter((code) => PROBLEMS[code].status === status),
        ),
      ),
    ),
  );
}

/** The OpenAPI response of the codes, which all have this status. */
export function problemResponse(status: number, codes: readonly ProblemCode[]) {
  return {
    status,
    description: codes.map((code) => `${PROBLEMS[code].title} (\`${code}\`).`).join(' '),
    content: {
      'application/problem+json': {
        schema: { $ref: getSchemaPath(ProblemResponse) },
        examples: Object.fromEntries(
          codes.map((code) => [code, { summary: PROBLEMS[code].title, value: example(code) }]),
        ),
      },
    },
  };
}

function example(code: ProblemCode): ProblemResponse {
  return {
    type: problemType(code),
    title: PROBLEMS[code].title,
    status: PROBLEMS[code].status,
    detail: `${PROBLEMS[code].title}.`,
    instance: '/api/v1/links',
    code,
    requestId: '01930e2c-7f4a-7b61-9c55-1f0e2d3c4b5a',
    ...(code === 'invalid-request' && {
      errors: [{ pointer: '/url', code: 'required', detail: 'url is required' }],
    }),
    ...(code === 'quota-exceeded' && { violatedPolicies: ['api'] }),
  };
}
