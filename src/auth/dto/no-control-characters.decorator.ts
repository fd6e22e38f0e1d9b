import { Matches } from 'class-validator';

/** Text that fits on a line and into the database, which cannot hold NUL and lone surrogates. */
export const NoControlCharacters = (): PropertyDecorator =>
  Matches(/^[^\p{Cc}\p{Cs}]*$/u, { message: '$property must not contain control characters' });
