import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { isEmail, IsString, MaxLength, ValidateBy } from 'class-validator';
import { NoControlCharacters } from '../../common/validation/text.rules.js';

/** class-validator's own rule throws a URIError at lone surrogates. */
const IsWellFormedEmail = (): PropertyDecorator =>
  ValidateBy({
    name: 'isEmail',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' && !/\p{Cs}/u.test(value) && isEmail(value),
      defaultMessage: () => '$property must be an email',
    },
  });

/** An e-mail address, with or without spaces around it. */
export const IsEmailAddress = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' ? value.trim() : value,
    ),
    IsString(),
    IsWellFormedEmail(),
    NoControlCharacters(),
    MaxLength(254),
  );
