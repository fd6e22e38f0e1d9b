import { beforeAll, describe, expect, it } from '@jest/globals';
import { ClickEnricher } from './click-enricher.js';
import { CountryLookup } from './country-lookup.js';

const record = {
  clickedAt: 1_795_000_000_000,
  linkId: '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d',
  address: '203.0.113.9',
  userAgent:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1',
  referrer: 'https://News.Example.com:8443/item?id=1',
  language: 'de-AT,de;q=0.9,en;q=0.8',
  query: 'utm_source=spring+mail&utm_medium=email&x=1',
  isPrefetch: false,
};

describe(ClickEnricher.name, () => {
  let enricher: ClickEnricher;
  beforeAll(async () => {
    enricher = new ClickEnricher(await CountryLookup.open(undefined));
  });

  it('finds out what a browser tells', () => {
    expect(enricher.enrich(record)).toEqual({
      isBot: false,
      dimensions: {
        country: undefined,
        referrer: 'news.example.com',
        browser: 'Safari',
        os: 'iOS',
        device: 'mobile',
        language: 'de',
        utm_source: 'spring mail',
        utm_medium: 'email',
        utm_campaign: undefined,
      },
    });
  });

  it.each([
    ['Googlebot/2.1 (+http://www.google.com/bot.html)', false],
    ['curl/8.5.0', false],
    ['', false],
    ['   ', false],
    [record.userAgent, true],
  ])('takes the user agent %j with prefetch %s for a bot', (userAgent, isPrefetch) => {
    expect(enricher.enrich({ ...record, userAgent, isPrefetch }).isBot).toBe(true);
  });

  it.each([
    ['fr;q=0.3, de', 'de'],
    ['fr; q=0.3, en-GB ;q=0.8, de;q=0.8', 'en'],
    ['*, PT-br;q=0.1', 'pt'],
    ['zh-Hant-TW,zh;q=0.9', 'zh'],
    ['de;q=0, en;q=0.1', 'en'],
    ['', undefined],
    ['1234, x, german', undefined],
    [`${'*,'.repeat(50)}de`, undefined],
  ])('takes from the languages %j the one preferred most: %s', (language, preferred) => {
    expect(enricher.enrich({ ...record, language }).dimensions.language).toBe(preferred);
  });

  it('keeps only what PostgreSQL can store and a report can show', () => {
    const query = `utm_source=${encodeURIComponent(`a\u0000b\n${'x'.repeat(500)}\ud83d`.toWellFormed())}&utm_medium=%00`;
    const { dimensions } = enricher.enrich({
      ...record,
      query,
      referrer: 'not a url',
      language: '*',
    });
    expect(dimensions.utm_source).toBe(`ab${'x'.repeat(98)}`);
    expect(dimensions.utm_medium).toBeUndefined();
    expect(dimensions.referrer).toBeUndefined();
    expect(dimensions.language).toBeUndefined();
  });
});
