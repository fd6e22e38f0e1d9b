import { isEmail } from 'class-validator';

/** class-validator's own rule throws a URIError at lone surrogates. */
export const isEmailAddress = (value: unknown): boolean =>
  typeof value === 'string' && !/\p{Cs}/u.test(value) && isEmail(value);
