import { describe, expect, it } from '@jest/globals';
import { parseUserAgent } from '../common/user-agent.js';
import { ClickFactory, isPrefetch } from './click.factory.js';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const clicks = new ClickFactory(
  { trustedProxies: [] } as never,
  { uncountedAddresses: [], respectGpc: false } as never,
);

function capture(query: string, headers: Record<string, string> = {}) {
  const request = {
    method: 'GET',
    url: `/code${query}`,
    headers,
    socket: { remoteAddress: '203.0.113.9' },
  };
  return clicks.make('01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d', request, 1_795_000_000_000);
}

/** As a report will show it. */
const campaignOf = (query: string) => {
  const params = new URLSearchParams(capture(query).query);
  return ['utm_source', 'utm_medium', 'utm_campaign'].map((name) => params.get(name));
};

describe(ClickFactory.name, () => {
  const long = 'a'.repeat(1_001);
  const snowmen = '%E2%98%83'.repeat(100);
  const smileys = '%F0%9F%98%80'.repeat(50);

  it.each([
    ['no query', '', [null, null, null]],
    ['a short query', '?utm_source=a&utm_medium=b&x=1', ['a', 'b', null]],
    [
      'a campaign behind a long parameter',
      `?x=${long}&utm_source=newsletter`,
      ['newsletter', null, null],
    ],
    [
      'one before and behind it',
      `?utm_campaign=c%20d&x=${long}&utm_medium=b+c`,
      [null, 'b c', 'c d'],
    ],
    [
      'as many characters as are shown, however long their escapes',
      `?utm_source=${snowmen}&utm_medium=${smileys}&utm_campaign=${snowmen}`,
      ['☃'.repeat(100), '😀'.repeat(50), '☃'.repeat(100)],
    ],
    ['the first of several', `?x=${long}&utm_source=a&utm_source=b`, ['a', null, null]],
    ['escaped names', `?x=${long}&utm%5Fsource=a&utm%5fmedium=b`, ['a', 'b', null]],
    ['an empty value', `?x=${long}&utm_source=&utm_medium=b`, ['', 'b', null]],
    [
      'what is no campaign',
      `?x=${long}&xutm_source=a&utm_sources=b&utm_Source=c`,
      [null, null, null],
    ],
    ['no value that is far too long', `?utm_source=${long}${long}&utm_medium=b`, [null, 'b', null]],
  ])('keeps %s whole', (_, query, campaign) => {
    expect(campaignOf(query)).toEqual(campaign);
  });

  it.each([
    [`x=${long}${long}&qr`, 'qr'],
    [`qr=1&x=${long}${long}`, 'qr'],
    [`x=${long}${long}&utm_source=a&qr=1&utm_medium=b`, 'utm_source=a&utm_medium=b&qr'],
    [`x=${long}${long}&qrs=1&aqr`, ''],
  ])('keeps of a long query that a code was scanned', (query, kept) => {
    expect(capture(`?${query}`).query).toBe(kept);
  });

  it('keeps little of a long query', () => {
    const { query } = capture(`?${`utm_source=${'x'.repeat(90)}&`.repeat(80)}`);
    expect(query).toBe(`utm_source=${'x'.repeat(90)}`);
  });

  it.each([
    [`${'de-AT;q=0.5,'.repeat(42)}fr-CH;q=0.9,en`, 'de-AT;q=0.5,'.repeat(42).slice(0, -1)],
    ['x'.repeat(513), ''],
    ['de-AT,de;q=0.9', 'de-AT,de;q=0.9'],
  ])('keeps of the languages %j only whole ones', (language, kept) => {
    expect(capture('', { 'accept-language': language }).language).toBe(kept);
  });

  it.each([
    [`https://example.com/${'x'.repeat(600)}`, `https://example.com/${'x'.repeat(492)}`],
    [`https://${'x'.repeat(500)}@example.com/`, ''],
    [`https://example.com?${'x'.repeat(600)}`, ''],
    ['https://example.com', 'https://example.com'],
  ])('keeps of the referrer %j a whole host or nothing', (referer, kept) => {
    expect(capture('', { referer }).referrer).toBe(kept);
  });
});

describe(isPrefetch, () => {
  it.each([
    [{ 'sec-purpose': 'prefetch' }],
    [{ 'sec-purpose': 'prefetch;prerender' }],
    [{ 'sec-purpose': 'prefetch;anonymous-client-ip' }],
    [{ 'sec-purpose': 'prefetch; prerender; preview' }],
    [{ purpose: 'prefetch' }],
    [{ purpose: 'preview' }],
    [{ 'x-purpose': 'preview' }],
    [{ 'x-purpose': 'Prefetch' }],
    [{ 'x-moz': 'PREFETCH' }],
    [{ 'sec-purpose': '', 'x-moz': 'prefetch' }],
    [{ 'sec-purpose': 'other', purpose: 'prefetch' }],
  ])('knows by %j that nobody has clicked yet', (headers) => {
    expect(isPrefetch(headers)).toBe(true);
  });

  it.each([
    [{}],
    [{ 'sec-purpose': '' }],
    [{ purpose: 'navigate' }],
    [{ 'x-moz': 'microsummary' }],
  ])('takes %j for a click', (headers) => {
    expect(isPrefetch(headers)).toBe(false);
  });
});

describe('Privacy', () => {
  const SERVER = { trustedProxies: ['10.0.0.0/8'] } as never;
  const from = (remoteAddress: string, headers = {}) => ({
    method: 'GET',
    url: '/x?utm_source=mail',
    headers: {
      'user-agent': FIREFOX,
      referer: 'https://a.example/',
      'accept-language': 'de',
      ...headers,
    },
    socket: { remoteAddress },
  });

  it('records of who sends Sec-GPC that there was somebody, and when', () => {
    const respectful = new ClickFactory(SERVER, {
      uncountedAddresses: [],
      respectGpc: true,
    } as never);
    const nothing = {
      clickedAt: 7,
      linkId: 'a',
      address: '',
      referrer: '',
      language: '',
      query: '',
    };
    const record = (headers: object) =>
      respectful.make('a', from('203.0.113.9', { 'sec-gpc': '1', ...headers }), 7);
    expect(record({})).toEqual({ ...nothing, userAgent: 'GPC; person', isPrefetch: false });
    expect(parseUserAgent('GPC; person')).toEqual({ isBot: false });
    expect(record({ 'sec-purpose': 'prefetch' })).toMatchObject({ ...nothing, isPrefetch: true });
    expect(record({ 'user-agent': 'curl/8.5.0' })).toMatchObject({ ...nothing, userAgent: '' });
    expect(record({ 'sec-gpc': '0' })).toMatchObject({
      address: '203.0.113.9',
      userAgent: FIREFOX,
    });
  });

  it.each([
    ['198.51.100.7', {}, true],
    ['::ffff:198.51.100.7', {}, true],
    ['198.51.100.8', {}, false],
    ['2001:db8:1:2::3', {}, true],
    ['2001:db8:2::3', {}, false],
    ['10.0.0.1', { 'x-forwarded-for': '203.0.113.9, 198.51.100.7' }, true],
    ['203.0.113.9', { 'x-forwarded-for': '198.51.100.7' }, false],
    ['', {}, false],
  ])('does not count a visit from %j with %j: %s', (address, headers, expected) => {
    const uncountedAddresses = ['198.51.100.7', '2001:db8:1::/48'];
    const factory = new ClickFactory(SERVER, { uncountedAddresses, respectGpc: false } as never);
    expect(factory.isUncounted(from(address, headers))).toBe(expected);
  });
});
