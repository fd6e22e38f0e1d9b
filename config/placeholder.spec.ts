import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { isPlaceholder } from './placeholder.js';

describe(isPlaceholder.name, () => {
  it.each([
    'secret',
    'changeme',
    'change-me-to-a-long-random-string-please-please',
    'CHANGE_ME_CHANGE_ME_CHANGE_ME_CHANGE_ME',
    'your-super-secret-jwt-key-change-this-in-production',
    'thisisasecretthatshouldbechanged123456',
    'my_jwt_secret_my_jwt_secret_my_jwt_secret',
    'replace-with-output-of-openssl-rand-base64',
    'x'.repeat(64),
    'abcd'.repeat(16),
    'correct horse battery staple '.repeat(2),
    '12345678901234567890123456789012',
  ])('knows %s for one', (secret) => {
    expect(isPlaceholder(secret)).toBe(true);
  });

  it.each(['hex', 'base64', 'base64url'] as const)('lets random %s pass', (encoding) => {
    const random = Array.from({ length: 1_000 }, () => randomBytes(24).toString(encoding));
    expect(random.filter(isPlaceholder)).toEqual([]);
  });

  it.each(['prod-secret-7c1e90b2f4a84d5e8f3b6a1d', 'correct horse battery staple 94 gannets'])(
    'lets words pass when enough else is there: %s',
    (secret) => {
      expect(isPlaceholder(secret)).toBe(false);
    },
  );
});
