import { describe, expect, it } from '@jest/globals';
import type { LinkRule, RuleConditions, SplitVariant, Visitor } from '../links/link-rules.types.js';
import { compileRules } from './target-rules.js';
import { VisitorFactory } from './visitor.factory.js';

const LINK = '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d';
const NOON = Date.UTC(2026, 11, 24, 12);
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1';
const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0';
const COUNTRIES: Record<string, string> = { '129.132.1.1': 'CH', '8.8.8.8': 'US' };

interface Sent {
  address?: string;
  userAgent?: string;
  language?: string;
  referer?: string;
  query?: string;
  now?: number;
}

const factoryOf = (jwtSecret: string) =>
  new VisitorFactory(
    { trustedProxies: [] as string[] } as never,
    { jwtSecret } as never,
    { find: (address: string) => COUNTRIES[address] } as never,
  );
const visitors = factoryOf('a secret that only the tests know');

function visitorOf(sent: Sent, by = visitors): Visitor {
  const headers = {
    ...(sent.userAgent !== undefined && { 'user-agent': sent.userAgent }),
    ...(sent.language !== undefined && { 'accept-language': sent.language }),
    ...(sent.referer !== undefined && { referer: sent.referer }),
  };
  const url = `/code${sent.query ?? ''}`;
  const socket = { remoteAddress: sent.address ?? '203.0.113.9' };
  return by.of({ method: 'GET', url, headers, socket }, sent.now ?? NOON);
}

const rule = (name: string, when: RuleConditions): LinkRule => ({
  name,
  url: `https://example.com/${name}`,
  when,
});
const isFor = (when: RuleConditions, sent: Sent): boolean =>
  compileRules(LINK, [rule('one', when)], null)!.choose(visitorOf(sent)) !== undefined;

describe('A rule', () => {
  it.each<[RuleConditions, Sent, boolean]>([
    [{ device: ['mobile'] }, { userAgent: IPHONE }, true],
    [{ device: ['desktop', 'tablet'] }, { userAgent: IPHONE }, false],
    [{ device: ['bot'] }, { userAgent: 'Googlebot/2.1' }, true],
    [{ device: ['desktop'] }, {}, false],
    [{ os: ['Android', 'iOS'] }, { userAgent: IPHONE }, true],
    [{ os: ['iOS'] }, { userAgent: FIREFOX }, false],
    [{ country: ['DE', 'CH'] }, { address: '129.132.1.1' }, true],
    [{ country: ['DE', 'CH'] }, { address: '8.8.8.8' }, false],
    [{ country: ['CH'] }, { address: '10.0.0.1' }, false],
    [{ language: ['pt'] }, { language: 'pt-BR,pt;q=0.9' }, true],
    [{ language: ['pt-BR'] }, { language: 'pt-br' }, true],
    [{ language: ['pt-BR'] }, { language: 'pt-PT,pt-BR;q=0.9' }, false],
    [{ language: ['pt-BR'] }, { language: 'pt' }, false],
    [{ language: ['zh-Hant'] }, { language: 'zh-Hant-TW' }, true],
    [{ language: ['de'] }, { language: 'fr;q=0.3, de;q=0.8' }, true],
    [{ language: ['den'] }, { language: 'de' }, false],
    [{ language: ['de'] }, { language: '*' }, false],
    [{ language: ['de'] }, {}, false],
    [{ query: { ref: ['a', 'b'] } }, { query: '?x=1&ref=b' }, true],
    [{ query: { ref: ['a', 'b'] } }, { query: '?ref=c' }, false],
    [{ query: { ref: ['a'] } }, { query: '?ref=c&ref=a' }, true],
    [{ query: { ref: ['a b'] } }, { query: '?ref=a+b' }, true],
    [{ query: { ref: [] } }, { query: '?ref' }, true],
    [{ query: { ref: [] } }, { query: '?refs=1' }, false],
    [{ query: { ref: [''] } }, { query: '?ref=' }, true],
    [{ query: { a: ['1'], b: ['2'] } }, { query: '?a=1&b=2' }, true],
    [{ query: { a: ['1'], b: ['2'] } }, { query: '?a=1' }, false],
    [{ referrerHost: ['news.example'] }, { referer: 'https://news.example/a' }, true],
    [{ referrerHost: ['news.example'] }, { referer: 'https://m.News.example:8443/' }, true],
    [{ referrerHost: ['news.example'] }, { referer: 'https://fakenews.example/' }, false],
    [{ referrerHost: ['news.example'] }, { referer: 'nonsense' }, false],
    [{ from: '2026-12-24T12:00:00.000Z' }, {}, true],
    [{ from: '2026-12-24T12:00:00.001Z' }, {}, false],
    [{ until: '2026-12-24T12:00:00.000Z' }, {}, false],
    [{ until: '2026-12-24T14:00:00+01:00' }, {}, true],
    [{ device: ['mobile'], language: ['de'] }, { userAgent: IPHONE, language: 'de' }, true],
    [{ device: ['mobile'], language: ['de'] }, { userAgent: IPHONE, language: 'fr' }, false],
  ])('with %j is for who sends %j: %s', (when, sent, matches) => {
    expect(isFor(when, sent)).toBe(matches);
  });

  it('decides before all that come after it, and before the split', () => {
    const rules = compileRules(
      LINK,
      [
        rule('german', { language: ['de'] }),
        rule('mobile', { device: ['mobile'] }),
        rule('phone', { device: ['mobile'] }),
      ],
      [
        { name: 'a', url: 'https://a.example/', weight: 1 },
        { name: 'b', url: 'https://b.example/', weight: 1 },
      ],
    )!;
    const nameFor = (sent: Sent) => rules.choose(visitorOf(sent))?.name;
    expect(nameFor({ language: 'de', userAgent: IPHONE })).toBe('german');
    expect(nameFor({ language: 'fr', userAgent: IPHONE })).toBe('mobile');
    expect(nameFor({ language: 'fr' })).toMatch(/^[ab]$/);
    expect(
      compileRules(LINK, [rule('one', { language: ['de'] })], null)!.choose(visitorOf({})),
    ).toBe(undefined);
    expect(compileRules(LINK, null, null)).toBeUndefined();
  });

  it('looks at no more parameters of a query than anybody has', () => {
    const many = Array.from({ length: 2_000 }, (_, n) => `x=${n}`).join('&');
    expect(isFor({ query: { x: ['99'] } }, { query: `?${many}` })).toBe(true);
    expect(isFor({ query: { x: ['1999'] } }, { query: `?${many}` })).toBe(false);
  });

  it('counts the memory of all that a link may have, which fits where links are kept', () => {
    const query = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`name-${n}`, ['x']]));
    const when: RuleConditions = {
      query,
      os: ['iOS'],
      device: ['mobile'],
      country: ['DE'],
      language: ['de'],
      referrerHost: ['news.example'],
      from: '2026-12-24T12:00:00.000Z',
      until: '2026-12-25T12:00:00.000Z',
    };
    const all = Array.from({ length: 20 }, (_, n) => rule(`rule-${n}`, when));
    const { bytes } = compileRules(LINK, all, null)!;
    // Measured: 104,000.
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes + 3 * 16_384 + 2 * 8_192).toBeLessThan(256 * 1_024);
  });

  it('says which of its conditions hold, and why', () => {
    const when = { language: ['de'], country: ['CH', 'DE'], query: { ref: [] } };
    const rules = compileRules(LINK, [rule('one', when)], null)!;
    expect(rules.explain(visitorOf({ language: 'fr', address: '129.132.1.1' }))).toEqual([
      [
        {
          condition: 'query',
          matches: false,
          detail: 'query ref is to be any value, and is not known.',
        },
        { condition: 'language', matches: false, detail: 'language is to be de, and is fr.' },
        { condition: 'country', matches: true, detail: 'country is to be CH or DE, and is CH.' },
      ],
    ]);
  });
});

describe('A split', () => {
  const split: SplitVariant[] = [
    { name: 'a', url: 'https://a.example/', weight: 70 },
    { name: 'b', url: 'https://b.example/', weight: 25 },
    { name: 'c', url: 'https://c.example/', weight: 5 },
  ];
  const addressOf = (n: number) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
  const variantsOf = (count: number, linkId = LINK, now = NOON, by = visitors) => {
    const rules = compileRules(linkId, null, split)!;
    return Array.from(
      { length: count },
      (_, n) =>
        rules.choose(visitorOf({ address: addressOf(n), userAgent: FIREFOX, now }, by))!.name,
    );
  };

  it('gives 100,000 visitors their variants by weight, exact to 1 %', () => {
    const names = variantsOf(100_000);
    for (const { name, weight } of split) {
      const share = names.filter((other) => other === name).length / names.length;
      expect(Math.abs(share - weight / 100)).toBeLessThan(0.01);
    }
  });

  it('gives a visitor the same variant all day, in every process, and perhaps another one next day', () => {
    const names = variantsOf(1_000);
    expect(variantsOf(1_000, LINK, NOON + 11 * 3_600_000)).toEqual(names);
    const other = factoryOf('a secret that only the tests know');
    expect(variantsOf(1_000, LINK, NOON, other)).toEqual(names);
    expect(variantsOf(1_000, LINK, NOON + 12 * 3_600_000)).not.toEqual(names);
  });

  it('divides each link in another way, and nobody can tell how without the secret', () => {
    const names = variantsOf(1_000);
    expect(variantsOf(1_000, '01912d3a-0000-7c3f-8a4d-9e6f0a1b2c3d')).not.toEqual(names);
    expect(variantsOf(1_000, LINK, NOON, factoryOf('another secret'))).not.toEqual(names);
  });
});
