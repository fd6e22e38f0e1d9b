import { Injectable } from '@nestjs/common';
import {
  type ValidationArguments,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { ShortCodePolicy } from '../short-code.policy.js';

/** Reports a refused code together with all other wrong fields; the policy itself decides. */
@Injectable()
@ValidatorConstraint({ name: 'shortCode' })
export class ShortCodeRule implements ValidatorConstraintInterface {
  constructor(private readonly policy: ShortCodePolicy) {}

  validate(value: unknown): boolean {
    return typeof value === 'string' && this.policy.refusal(value) === undefined;
  }

  defaultMessage(argument?: ValidationArguments): string {
    const value: unknown = argument?.value;
    const detail =
      typeof value === 'string' ? this.policy.refusal(value)?.detail : 'must be a string';
    return `$property ${detail}`;
  }
}
