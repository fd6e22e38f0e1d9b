import { Injectable } from '@nestjs/common';
import {
  type ValidationArguments,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { TargetRefused, TargetUrlPolicy } from '../target-url.policy.js';

/** Reports a refused target together with all other wrong fields; the policy itself decides. */
@Injectable()
@ValidatorConstraint({ name: 'targetUrl' })
export class TargetUrlRule implements ValidatorConstraintInterface {
  constructor(private readonly policy: TargetUrlPolicy) {}

  validate(value: unknown): boolean {
    return this.problem(value) === undefined;
  }

  defaultMessage(argument?: ValidationArguments): string {
    return `$property ${this.problem(argument?.value)}`;
  }

  private problem(value: unknown): string | undefined {
    if (typeof value !== 'string') return 'must be a string';
    try {
      this.policy.normalise(value);
      return undefined;
    } catch (error) {
      if (error instanceof TargetRefused) return error.message;
      throw error;
    }
  }
}
