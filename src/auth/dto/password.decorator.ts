import { applyDecorators } from '@nestjs/common';
import { IsNotEmpty, IsString, Matches, ValidateBy } from 'class-validator';

/** bcrypt ignores every byte after these: a longer password would be cut short without a word. */
export const MAX_PASSWORD_BYTES = 72;

/** For the OpenAPI document, which cannot count bytes. */
export const PASSWORD_PATTERN = String.raw`^[^\u0000]*$`;

const MaxUtf8Bytes = (max: number): PropertyDecorator =>
  ValidateBy({
    name: 'maxLength',
    validator: {
      validate: (value: unknown) => typeof value !== 'string' || Buffer.byteLength(value) <= max,
      defaultMessage: () => `$property must be at most ${max} bytes long in UTF-8`,
    },
  });

/** A string that can be a password at all; how long it must be is a matter of registration. */
export const IsPassword = (): PropertyDecorator =>
  applyDecorators(
    IsString(),
    IsNotEmpty(),
    MaxUtf8Bytes(MAX_PASSWORD_BYTES),
    // Lone surrogates are all the same in UTF-8, and so would be the passwords made of them.
    Matches(/^[^\0\p{Cs}]*$/u, {
      message: '$property must not contain the NUL character or lone surrogates',
    }),
  );
