import { type ArgumentMetadata, Injectable, ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { insistOnDepth } from './body-depth.js';
import { ProblemError } from './problem.error.js';
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
    if (metadata.type === 'body') insistOnDepth(value);
    try {
      return await super.transform(value, metadata);
    } catch (error) {
      if (!(error instanceof ValidationFailure)) throw error;
      const errors = toFieldErrors(error.errors, metadata.type);
      throw new ProblemError('invalid-request', { detail: summary(errors.length), errors });
    }
  }
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const summary = (count: number): string =>
  count === 1 ? 'One field is wrong; see errors.' : `${count} fields are wrong; see errors.`;
