import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { pathOf, problemAnswer } from './problem.answer.js';
import { ProblemError } from './problem.error.js';
import { toProblem } from './problem.mapper.js';

/** Recognises the errors of a layer that this one must not know, such as a database outage. */
export type ProblemTranslator = (error: unknown) => ProblemError | undefined;

/** Turns whatever was thrown into a problem. What a 500 was about stays in the log. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  constructor(private readonly translators: ProblemTranslator[] = []) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    // Nobody is there to be told, and no other connection was lost.
    if (isAborted(error)) return;
    const problem = this.problemOf(error);
    this.report(problem, error, request);
    sendProblem(problem, request, http.getResponse<FastifyReply>());
  }

  private problemOf(error: unknown): ProblemError {
    if (error instanceof ProblemError) return error;
    for (const translate of this.translators) {
      const problem = translate(error);
      if (problem) return problem;
    }
    return (
      toProblem(error) ??
      new ProblemError('internal-error', {
        detail: 'Something went wrong on our side. Name the requestId when you ask for help.',
        cause: error,
      })
    );
  }

  private report(problem: ProblemError, error: unknown, request: FastifyRequest): void {
    const what = `${request.method} ${pathOf(request.url)}`;
    if (problem.code === 'internal-error') {
      const stack = error instanceof Error ? error.stack : String(error);
      this.logger.error({ msg: `${what} failed`, requestId: request.id, stack });
    } else if (problem.status >= 500 && problem.code !== 'not-ready') {
      this.logger.warn({ msg: `${what}: ${problem.message}`, requestId: request.id });
    }
  }
}

/** Answers with the problem, unless an answer has begun. */
export function sendProblem(
  problem: ProblemError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  if (reply.sent || reply.raw.headersSent) return;
  const { headers, body } = problemAnswer(problem, {
    url: request.originalUrl,
    accept: request.headers.accept,
    requestId: request.id,
  });
  // As text, so that no serializer of a route is asked about it.
  void reply.status(problem.status).headers(headers).send(body);
}

/** What Node throws at whoever reads the body of a client that has gone. */
const isAborted = (error: unknown): boolean => {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ECONNRESET' && message === 'aborted';
};
