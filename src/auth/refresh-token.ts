import { createHash, randomBytes } from 'node:crypto';

const SHAPE = /^spr_[A-Za-z0-9_-]{43}$/;

/** A new refresh token: 256 random bits behind a prefix that secret scanners can recognise. */
export const newRefreshToken = (): string => `spr_${randomBytes(32).toString('base64url')}`;

/** What is stored of a token, or undefined if it cannot be one and needs no query to be refused. */
export function refreshTokenHash(token: string): Buffer | undefined {
  return SHAPE.test(token) ? createHash('sha256').update(token).digest() : undefined;
}
