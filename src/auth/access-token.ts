import { createSecretKey, type KeyObject } from 'node:crypto';

/** How access tokens are signed, and the only way they are accepted. */
export const ACCESS_TOKEN = {
  algorithm: 'HS256',
  issuer: 'signpost',
  audience: 'signpost-api',
} as const;

/** The claims besides the registered times, issuer and audience: who it is, nothing that may change. */
export interface AccessTokenClaims {
  sub: string;
}

/**
 * The key that tokens are signed and verified with. As a string it would be tried as a public key
 * first, each time, which takes half a millisecond.
 */
export const tokenKey = (secret: string): KeyObject => createSecretKey(Buffer.from(secret));
