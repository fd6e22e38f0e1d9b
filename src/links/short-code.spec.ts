import { describe, expect, it } from '@jest/globals';
import { CODE_ALPHABET, ShortCodeGenerator } from './short-code.generator.js';
import { ShortCodePolicy } from './short-code.policy.js';

describe(ShortCodePolicy.name, () => {
  const policy = new ShortCodePolicy();

  const allowed = ['summer', 'a', 'A-b_9', 'Scunthorpe', 'order-455', '71-77-5', 'x'.repeat(64)];
  it.each(allowed)('allows %s', (code) => {
    expect(policy.refusal(code)).toBeUndefined();
  });

  it.each([
    ['../x', 'invalid'],
    ['', 'invalid'],
    ['a b', 'invalid'],
    ['ä', 'invalid'],
    ['x'.repeat(65), 'invalid'],
    ['api', 'reserved'],
    ['Docs', 'reserved'],
    ['HEALTH', 'reserved'],
    ['sh1t', 'offensive'],
    ['f-u-c-k', 'offensive'],
  ])('refuses %s as %s', (code, reason) => {
    expect(policy.refusal(code)?.code).toBe(reason);
  });
});

describe(ShortCodeGenerator.name, () => {
  it('makes codes of seven characters that nobody confuses and that are allowed', () => {
    const policy = new ShortCodePolicy();
    const generator = new ShortCodeGenerator(policy);
    for (let n = 0; n < 2_000; n += 1) {
      const code = generator.next();
      expect(code).toHaveLength(7);
      expect([...code].every((character) => CODE_ALPHABET.includes(character))).toBe(true);
      expect(policy.refusal(code)).toBeUndefined();
    }
    expect(CODE_ALPHABET).not.toMatch(/[0Oo1Iil]/);
  });

  it('grows when more than one attempt in a hundred hits a code that exists', () => {
    const generator = new ShortCodeGenerator(new ShortCodePolicy());
    for (let n = 0; n < 990; n += 1) generator.report(1, 0);
    for (let n = 0; n < 10; n += 1) generator.report(1, 1);
    expect(generator.next()).toHaveLength(7);
    for (let n = 0; n < 11; n += 1) generator.report(1, 1);
    expect(generator.next()).toHaveLength(8);
  });
});
