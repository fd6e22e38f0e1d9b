import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { apiKeyHash, newApiKey } from './api-key.js';

describe(newApiKey, () => {
  it('makes a key that is recognised, and never the same again', () => {
    const keys = Array.from({ length: 100 }, newApiKey);
    expect(new Set(keys).size).toBe(100);
    for (const key of keys) {
      expect(key).toMatch(/^sgp_[0-9A-Za-z]{36}$/);
      expect(apiKeyHash(key)).toEqual(createHash('sha256').update(key).digest());
    }
  });
});

describe(apiKeyHash, () => {
  const key = newApiKey();
  const other = (character: string) => (character === 'a' ? 'b' : 'a');

  it('knows a key with any one character mistyped', () => {
    for (let at = 0; at < key.length; at += 1) {
      expect(apiKeyHash(key.slice(0, at) + other(key[at]!) + key.slice(at + 1))).toBeUndefined();
    }
  });

  it.each(['', 'sgp_', key.slice(0, -1), `${key}0`, ` ${key}`, `${key}\n`, key.slice(4)])(
    'refuses what is no key: %j',
    (text) => {
      expect(apiKeyHash(text)).toBeUndefined();
    },
  );
});
