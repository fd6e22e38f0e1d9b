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
