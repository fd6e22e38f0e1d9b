import { createHash, createHmac, randomBytes } from 'node:crypto';

const SHAPE = /^spr_[A-Za-z0-9_-]{43}$/;

/** A new refresh token: 256 random bits behind a prefix that secret scanners can recognise. */
export const newRefreshToken = (): string => `spr_${randomBytes(32).toString('base64url')}`;

/**
 * The token that follows another one. Whoever holds that one gets it again with the same salt, so
 * it need not be stored; the salt alone or the token alone leads nowhere.
 */
export const nextRefreshToken = (token: string, salt: Buffer): string =>
  `spr_${createHmac('sha256', token).update(salt).digest('base64url')}`;

export const newDerivationSalt = (): Buffer => randomBytes(32);

/** What is stored of a token, or undefined if it cannot be one and needs no query to be refused. */
export function refreshTokenHash(token: string): Buffer | undefined {
  return SHAPE.test(token) ? createHash('sha256').update(token).digest() : undefined;
}
