import { randomBytes, randomUUID } from 'node:crypto';
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
    'abcdefghijklmnopqrstuvwxyz123456',
    'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
    'zyxwvutsrqponmlkjihgfedcba987654',
    'qwertyuiopasdfghjklzxcvbnm1234567890',
    '1qaz2wsx3edc4rfv1qaz2wsx3edc4rfv5tgb',
    '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
    'poiuytrewqlkjhgfdsamnbvcxz0987654321',
    'a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6',
    'aaaabbbbccccddddeeeeffffgggghhhhiiii',
    '0123456789abcdef0123456789abcdef',
    'deadbeefdeadbeefdeadbeefdeadbeefdeadbeef',
    'MyCompanyJwtSigningKey2026Production!',
  ])('knows %s for one', (secret) => {
    expect(isPlaceholder(secret)).toBe(true);
  });

  it.each<[string, () => string]>([
    ['openssl rand -base64 48', () => randomBytes(48).toString('base64')],
    ['openssl rand -base64 32', () => randomBytes(32).toString('base64')],
    ['openssl rand -base64 24', () => randomBytes(24).toString('base64')],
    ['openssl rand -hex 32', () => randomBytes(32).toString('hex')],
    ['openssl rand -hex 16', () => randomBytes(16).toString('hex')],
    ['two UUIDs', () => randomUUID() + randomUUID()],
    ['one UUID', () => randomUUID()],
  ])('lets what comes from %s pass', (_, draw) => {
    const drawn = Array.from({ length: 5_000 }, draw);
    expect(drawn.filter(isPlaceholder)).toEqual([]);
  });

  it.each(['prod-secret-7c1e90b2f4a84d5e8f3b6a1d', 'correct horse battery staple 94 gannets'])(
    'lets words pass when enough else is there: %s',
    (secret) => {
      expect(isPlaceholder(secret)).toBe(false);
    },
  );
});
