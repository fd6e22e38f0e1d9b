import { type FieldError, ProblemError } from '../common/problem/problem.error.js';
import { InvalidValidity, type LinkChanges } from './links.types.js';

export const linkNotFound = (): ProblemError =>
  new ProblemError('link-not-found', {
    detail: 'There is no such link, or it belongs to a workspace you are not a member of.',
  });

/** Fields of the body that are wrong; each detail is what its field must be. */
export function invalidFields(fields: FieldError[]): ProblemError {
  const errors = fields.map((field) => ({
    ...field,
    detail: `${field.pointer.slice(1)} ${field.detail}`,
  }));
  return new ProblemError('invalid-request', {
    detail: `${errors.map(({ detail }) => detail).join('; ')}.`,
    errors,
  });
}

/** Points to what was sent: a start may be too late for the end that the link already has. */
export const refuseValidity =
  ({ expiresAt }: LinkChanges) =>
  (error: unknown): never => {
    if (!(error instanceof InvalidValidity)) throw error;
    throw invalidFields([
      expiresAt === undefined
        ? { pointer: '/startsAt', code: 'invalid', detail: 'must be earlier than expiresAt' }
        : { pointer: '/expiresAt', code: 'invalid', detail: 'must be later than startsAt' },
    ]);
  };
