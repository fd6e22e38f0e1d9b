import { ProblemError } from '../common/problem/problem.error.js';

export const importNotFound = (): ProblemError =>
  new ProblemError('not-found', { detail: 'The workspace has no such import.' });

export const tooManyImports = (limit: number): ProblemError =>
  new ProblemError('import-limit-reached', {
    detail: `A workspace may have ${limit} imports that are not over. Wait for one, or cancel it.`,
  });

export const bodyTooLarge = (bytes: number): ProblemError =>
  new ProblemError('body-too-large', {
    detail: `A file may have ${bytes} bytes. Split it, and import its parts.`,
  });

export const nothingSent = (): ProblemError =>
  new ProblemError('invalid-request', {
    detail: 'The file is empty.',
    errors: [{ pointer: '', code: 'required', detail: 'the body must be the file' }],
  });

/** Nobody reads it: the connection is gone. */
export const brokenOff = (cause: unknown): ProblemError =>
  new ProblemError('request-timeout', { detail: 'The file did not arrive as a whole.', cause });
