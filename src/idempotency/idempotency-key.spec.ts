import { describe, expect, it } from '@jest/globals';
import { parseIdempotencyKey } from './idempotency-key.js';

describe('parseIdempotencyKey', () => {
  it.each([
    ['a UUID', '8e03978e-40d5-43dd-bc93-6894a57f9324', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['one character', 'x', 'x'],
    ['255 characters', 'k'.repeat(255), 'k'.repeat(255)],
    ['spaces inside', 'order 17', 'order 17'],
    ['the quoted string of the draft', '"order-17"', 'order-17'],
    ['escaped quotes and backslashes', '"a\\"b\\\\c"', 'a"b\\c'],
    ['255 quoted characters', `"${'k'.repeat(255)}"`, 'k'.repeat(255)],
  ])('accepts %s', (_name, value, key) => {
    expect(parseIdempotencyKey([value])).toBe(key);
  });

  it.each([
    ['no value', []],
    ['an empty value', ['']],
    ['an empty quoted string', ['""']],
    ['256 characters', ['k'.repeat(256)]],
    ['characters beyond ASCII', ['schlüssel']],
    ['control characters', ['a\tb']],
    ['an unfinished quoted string', ['"abc']],
    ['something after the quoted string', ['"abc" "def"']],
    ['an unknown escape', ['"a\\b"']],
    ['two headers', ['a', 'b']],
  ])('refuses %s and names the header', (_name, values) => {
    expect(() => parseIdempotencyKey(values)).toThrow(
      expect.objectContaining({
        code: 'invalid-request',
        errors: [expect.objectContaining({ pointer: 'Idempotency-Key' })],
      }),
    );
  });
});
