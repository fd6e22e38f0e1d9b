import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { SaltCipher, saltKeyOf } from './salt-cipher.js';

const DAY = '2026-11-23';

describe(SaltCipher, () => {
  const cipher = new SaltCipher(saltKeyOf('one secret'));
  const salt = randomBytes(32);

  it('opens what any process with the same secret has sealed', () => {
    const other = new SaltCipher(saltKeyOf('one secret'));
    expect(other.keyId).toEqual(cipher.keyId);
    expect(other.open(DAY, cipher.seal(DAY, salt))).toEqual(salt);
  });

  it('seals the same salt differently each time, and never shows it', () => {
    const [one, two] = [cipher.seal(DAY, salt), cipher.seal(DAY, salt)];
    expect(one).not.toEqual(two);
    expect(one.includes(salt)).toBe(false);
  });

  it('opens nothing with another secret, of another day, or altered', () => {
    const sealed = cipher.seal(DAY, salt);
    const other = new SaltCipher(saltKeyOf('another secret'));
    expect(other.keyId).not.toEqual(cipher.keyId);
    expect(other.open(DAY, sealed)).toBeUndefined();
    expect(cipher.open('2026-11-24', sealed)).toBeUndefined();
    for (let at = 0; at < sealed.length; at += 1) {
      const altered = Buffer.from(sealed);
      altered[at]! ^= 1;
      expect(cipher.open(DAY, altered)).toBeUndefined();
    }
    expect(cipher.open(DAY, sealed.subarray(0, 20))).toBeUndefined();
  });
});
