import { describe, expect, it } from '@jest/globals';
import { hashIdempotencyKey, StoredAnswerCipher } from './stored-answer.crypto.js';

const SECRET = 's'.repeat(32);
const HASH = hashIdempotencyKey('user:1', 'key');

describe('hashIdempotencyKey', () => {
  it('tells the same key of two users apart', () => {
    expect(hashIdempotencyKey('user:1', 'key')).not.toEqual(hashIdempotencyKey('user:2', 'key'));
    expect(hashIdempotencyKey('user:1', 'key')).toEqual(HASH);
    expect(HASH).toHaveLength(32);
  });
});

describe('StoredAnswerCipher', () => {
  const cipher = new StoredAnswerCipher(SECRET, 'key', HASH);

  it('opens what it sealed', () => {
    expect(cipher.open(cipher.seal('{"token":"é"}'))).toBe('{"token":"é"}');
  });

  it('shows nothing of the text and never seals alike twice', () => {
    const sealed = cipher.seal('{"token":"secret"}');
    expect(sealed.includes('secret')).toBe(false);
    expect(cipher.seal('{"token":"secret"}')).not.toEqual(sealed);
  });

  it('opens what a previous secret has sealed, and seals with the current one', () => {
    const rotated = new StoredAnswerCipher('t'.repeat(32), 'key', HASH, ['u'.repeat(32), SECRET]);
    expect(rotated.open(cipher.seal('text'))).toBe('text');
    expect(cipher.open(rotated.seal('text'))).toBeUndefined();
  });

  it.each([
    ['another secret', new StoredAnswerCipher('t'.repeat(32), 'key', HASH)],
    ['another key', new StoredAnswerCipher(SECRET, 'other', HASH)],
    ['another row', new StoredAnswerCipher(SECRET, 'key', hashIdempotencyKey('user:2', 'key'))],
  ])('cannot be opened with %s', (_name, other) => {
    expect(other.open(cipher.seal('text'))).toBeUndefined();
  });

  it('does not open what was altered, cut or empty', () => {
    const sealed = cipher.seal('text');
    const altered = Buffer.from(sealed);
    altered[altered.length - 1]! ^= 1;
    expect(cipher.open(altered)).toBeUndefined();
    expect(cipher.open(sealed.subarray(0, 20))).toBeUndefined();
    expect(cipher.open(Buffer.alloc(0))).toBeUndefined();
  });
});
