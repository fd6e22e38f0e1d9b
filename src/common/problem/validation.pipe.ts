import { type ArgumentMetadata, Injectable, ValidationPipe } from '@nestjs/common';
import { ValidationError } from 'class-validator';
import { ProblemError } from './problem.error.js';
import { MAX_ERRORS, MAX_VALUES, tooManyValues } from './request-limits.js';
import { toFieldErrors } from './validation.js';

/** Carries the errors out of Nest's pipe, which does not say whether a body or a query was wrong. */
class ValidationFailure extends Error {
  constructor(readonly errors: ValidationError[]) {
    super('Validation failed');
  }
}

/** Validates bodies and queries, refuses unknown fields, and reports all wrong fields at once. */
@Injectable()
export class RequestValidationPipe extends ValidationPipe {
  constructor() {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      transform: true,
      stopAtFirstError: false,
      validationError: { target: true, value: true },
      exceptionFactory: (errors) => new ValidationFailure(errors),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'body' && this.toValidate(metadata) && !isObject(value)) {
      throw new ProblemError('invalid-request', {
        detail: 'The body must be a JSON object.',
        errors: [{ pointer: '', code: 'wrong-type', detail: 'must be a JSON object' }],
      });
    }
    if (metadata.type === 'query') insistOnFewParameters(value);
    const { known, failures } = this.toValidate(metadata)
      ? withoutInherited(value)
      : { known: value, failures: [] };
    try {
      const result: unknown = await super.transform(known, metadata);
      if (failures.length === 0) return result;
    } catch (error) {
      if (!(error instanceof ValidationFailure)) throw error;
      failures.push(...error.errors);
    }
    const errors = toFieldErrors(failures, metadata.type);
    throw new ProblemError('invalid-request', {
      detail: summary(errors.length),
      errors: errors.slice(0, MAX_ERRORS),
    });
  }
}

/** Bodies are counted before they are parsed; of a query no more is parsed than is seen here. */
function insistOnFewParameters(query: unknown): void {
  if (!isObject(query)) return;
  if (Object.values(query).flat().length > MAX_VALUES) throw tooManyValues('?', MAX_VALUES);
}

/**
 * Sets fields such as `toString` aside, at any depth: class-validator takes what every object has for
 * known.
 */
function withoutInherited(value: unknown): { known: unknown; failures: ValidationError[] } {
  if (typeof value !== 'object' || value === null) return { known: value, failures: [] };
  const failures: ValidationError[] = [];
  const known: [string, unknown][] = [];
  for (const [property, item] of Object.entries(value)) {
    if (property in Object.prototype) {
      failures.push(failure({ property, constraints: { whitelistValidation: '' } }));
      continue;
    }
    const { known: inner, failures: children } = withoutInherited(item);
    if (children.length > 0) failures.push(failure({ property, children }));
    known.push([property, inner]);
  }
  return {
    known: Array.isArray(value) ? known.map(([, item]) => item) : Object.fromEntries(known),
    failures,
  };
}

const failure = (fields: Partial<ValidationError>): ValidationError =>
  Object.assign(new ValidationError(), fields);

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function summary(count: number): string {
  if (count === 1) return 'One field is wrong; see errors.';
  if (count <= MAX_ERRORS) return `${count} fields are wrong; see errors.`;
  return `${count} fields are wrong; see errors for ${MAX_ERRORS} of them, and ${count - MAX_ERRORS} more.`;
}
