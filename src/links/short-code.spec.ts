import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { LinksConfig } from '../../config/links.config.js';
import { CODE_ALPHABET, ShortCodeGenerator } from './short-code.generator.js';
import { ShortCodePolicy } from './short-code.policy.js';

const policyOf = (refuseOffensiveCodes: boolean) =>
  new ShortCodePolicy({ refuseOffensiveCodes } as LinksConfig);

/** Words that only contain an offensive one, and numbers. */
const HARMLESS = [
  'summer',
  'a',
  'A-b_9',
  'Scunthorpe',
  'order-455',
  '71-77-5',
  'open-issues',
  'publish-it',
  'fish-it',
  'cockpit',
  'fukushima',
  'a55-2026',
  'class-assembly',
  'Essex_Sussex',
  'cumulus',
  'analysis',
  'GrapeFruit',
  'x'.repeat(64),
];
const OFFENSIVE = [
  'moby-dick',
  'sex-education',
  'sh1t',
  'f-u-c-k',
  'FuckYou',
  'holy_SHIT',
  'shit2026',
];

describe(ShortCodePolicy.name, () => {
  it.each([...HARMLESS, ...OFFENSIVE])('lets somebody choose %s', (code) => {
    expect(policyOf(false).refusal(code)).toBeUndefined();
  });

  it.each(HARMLESS)('lets somebody choose %s also where offensive words are refused', (code) => {
    expect(policyOf(true).refusal(code)).toBeUndefined();
  });

  it.each(OFFENSIVE)('refuses %s where offensive words are refused', (code) => {
    expect(policyOf(true).refusal(code)?.code).toBe('offensive');
  });

  it('never refuses a UUID or another number', () => {
    const policy = policyOf(true);
    for (let n = 0; n < 5_000; n += 1) {
      const uuid = randomUUID();
      for (const code of [uuid, uuid.toUpperCase(), uuid.replaceAll('-', '')]) {
        expect([code, policy.refusal(code)]).toEqual([code, undefined]);
      }
    }
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
  ])('refuses %s as %s', (code, reason) => {
    expect(policyOf(false).refusal(code)?.code).toBe(reason);
  });
});

describe(ShortCodeGenerator.name, () => {
  it('makes codes of seven characters that nobody confuses and that are allowed', () => {
    const policy = policyOf(false);
    const generator = new ShortCodeGenerator(policy);
    for (let n = 0; n < 2_000; n += 1) {
      const code = generator.next();
      expect(code).toHaveLength(7);
      expect([...code].every((character) => CODE_ALPHABET.includes(character))).toBe(true);
      expect([code, policy.isFit(code)]).toEqual([code, true]);
    }
    expect(CODE_ALPHABET).not.toMatch(/[0Oo1Iil]/);
  });

  it('makes no code with a part that looks like an offensive word', () => {
    for (const code of ['aFuck2z', 'zPUSSYz', 'summer7', 'a55bcde']) {
      expect([code, policyOf(false).isFit(code)]).toEqual([code, code === 'summer7']);
    }
  });

  it('grows when more than one attempt in a hundred hits a code that exists', () => {
    const generator = new ShortCodeGenerator(policyOf(false));
    for (let n = 0; n < 990; n += 1) generator.report(1, 0);
    for (let n = 0; n < 10; n += 1) generator.report(1, 1);
    expect(generator.next()).toHaveLength(7);
    for (let n = 0; n < 11; n += 1) generator.report(1, 1);
    expect(generator.next()).toHaveLength(8);
  });
});
