import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsEmail, IsString, MaxLength } from 'class-validator';
import { NoControlCharacters } from './no-control-characters.decorator.js';

/** An e-mail address, with or without spaces around it. */
export const IsEmailAddress = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' ? value.trim() : value,
    ),
    IsString(),
    IsEmail(),
    NoControlCharacters(),
    MaxLength(254),
  );
