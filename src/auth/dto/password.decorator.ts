import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import {
  IsNotEmpty,
  IsString,
  Matches,
  MinLength,
  ValidateBy,
  type ValidationArguments,
} from 'class-validator';
import {
  guessability,
  MAX_PASSWORD_BYTES,
  MIN_PASSWORD_CHARACTERS,
  opaqueString,
  PASSWORD_TEXT,
} from '../password.policy.js';

/** For the OpenAPI document, which cannot count bytes. */
export const PASSWORD_PATTERN = String.raw`^[^\u0000]*$`;

const MaxUtf8Bytes = (max: number): PropertyDecorator =>
  ValidateBy({
    name: 'maxLength',
    validator: {
      validate: (value: unknown) =>
        typeof value !== 'string' || Buffer.byteLength(opaqueString(value)) <= max,
      defaultMessage: () => `$property must be at most ${max} bytes long in UTF-8`,
    },
  });

/** A string that can be a password at all; what makes a good one is a matter of IsNewPassword. */
export const IsPassword = (): PropertyDecorator =>
  applyDecorators(
    IsString(),
    IsNotEmpty(),
    MaxUtf8Bytes(MAX_PASSWORD_BYTES),
    Matches(PASSWORD_TEXT, {
      message: '$property must not contain the NUL character or lone surrogates',
    }),
  );

const guessabilityOf = ({ value, object }: ValidationArguments): string | undefined => {
  const { email } = object as { email?: unknown };
  if (typeof value !== 'string') return undefined;
  return guessability(value, typeof email === 'string' ? email : '');
};

/** The password shall not be what others try first. */
const HardToGuess = (): PropertyDecorator =>
  ValidateBy({
    name: 'hardToGuess',
    validator: {
      validate: (_value, args) => guessabilityOf(args!) === undefined,
      defaultMessage: (args) => `$property ${guessabilityOf(args!)}`,
    },
  });

/**
 * A password that somebody chooses; it becomes an OpaqueString. If the class has a field `email`, the
 * password is compared with it, too.
 */
export const IsNewPassword = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' ? opaqueString(value) : value,
    ),
    MinLength(MIN_PASSWORD_CHARACTERS),
    IsPassword(),
    HardToGuess(),
  );
