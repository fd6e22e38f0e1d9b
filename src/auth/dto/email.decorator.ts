import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsString, MaxLength, ValidateBy } from 'class-validator';
import { NoControlCharacters, trimmed } from '../../common/validation/text.rules.js';
import { isEmailAddress } from '../../common/email-address.js';

const IsWellFormedEmail = (): PropertyDecorator =>
  ValidateBy({
    name: 'isEmail',
    validator: {
      validate: isEmailAddress,
      defaultMessage: () => '$property must be an email',
    },
  });

/** An e-mail address, with or without spaces around it. */
export const IsEmailAddress = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' ? trimmed(value) : value,
    ),
    IsString(),
    IsWellFormedEmail(),
    NoControlCharacters(),
    MaxLength(254),
  );
