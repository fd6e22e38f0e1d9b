import { createHash, randomBytes } from 'node:crypto';

const SHAPE = /^spi_[A-Za-z0-9_-]{43}$/;

/** A new token: 256 random bits behind a prefix that logs and secret scanners can recognise. */
export const newInvitationToken = (): string => `spi_${randomBytes(32).toString('base64url')}`;

/** What is stored of a token, or undefined if it cannot be one and needs no query to be refused. */
export function invitationTokenHash(token: string): Buffer | undefined {
  return SHAPE.test(token) ? createHash('sha256').update(token).digest() : undefined;
}
