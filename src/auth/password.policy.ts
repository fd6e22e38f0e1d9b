import { COMMON_PASSWORDS } from './common-passwords.js';

export const MIN_PASSWORD_CHARACTERS = 8;
/** bcrypt ignores every byte after these: a longer password would be cut short without a word. */
export const MAX_PASSWORD_BYTES = 72;
/** Lone surrogates are all the same in UTF-8, and so would be the passwords made of them. */
export const PASSWORD_TEXT = /^[^\0\p{Cs}]*$/u;

/**
 * The password as it is hashed (OpaqueString of RFC 8265): an "ä" is the same whether a keyboard makes it
 * of one character or of two, and a space is one, however wide.
 */
export const opaqueString = (password: string): string =>
  password.replace(/\p{Zs}/gu, ' ').normalize('NFC');

/** A shorter first part of an address is in too many words to tell anything. */
const MIN_LOCAL_PART = 4;
const PRODUCT = 'signpost';

/** Searched as it is, in some 20 µs: as a set it would take a megabyte, and be needed rarely. */
const COMMON = COMMON_PASSWORDS.replaceAll('\n', ' ');

/**
 * Why the password would be among the first that somebody tries, as the end of the sentence "password
 * …"; undefined if it would not.
 */
export function guessability(password: string, email: string): string | undefined {
  const text = opaqueString(password).toLowerCase();
  const address = email.normalize('NFC').toLowerCase();
  const localPart = address.split('@', 1)[0]!;
  if (!/\s/.test(text) && COMMON.includes(` ${text} `)) return 'is one of the most common ones';
  if (text.includes(PRODUCT)) return 'must not contain the name of this service';
  const tells = localPart.length < MIN_LOCAL_PART ? address : localPart;
  if (tells !== '' && text.includes(tells)) return 'must not contain the e-mail address';
  return undefined;
}

/** As `guessability`, of all that a new password has to be, once it is an OpaqueString. */
export function passwordObjection(password: string, email: string): string | undefined {
  if (password.length < MIN_PASSWORD_CHARACTERS) {
    return `must have at least ${MIN_PASSWORD_CHARACTERS} characters`;
  }
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) {
    return `must be at most ${MAX_PASSWORD_BYTES} bytes long in UTF-8`;
  }
  if (!PASSWORD_TEXT.test(password)) {
    return 'must not contain the NUL character or lone surrogates';
  }
  return guessability(password, email);
}
