import { type FieldError, ProblemError } from './problem.error.js';

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
