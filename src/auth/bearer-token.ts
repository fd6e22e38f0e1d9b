const BEARER = /^bearer\s/i;

/** The token in `Authorization: Bearer …`; undefined for another scheme. */
export const bearerToken = (authorization: string): string | undefined =>
  BEARER.test(authorization) ? authorization.slice('bearer '.length).trim() : undefined;
