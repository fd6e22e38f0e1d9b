import { beforeAll, describe, expect, it } from '@jest/globals';
import { ClickEnricher } from './click-enricher.js';
import { CountryLookup } from '../../platform/countries/country-lookup.js';

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
        target: undefined,
        qr: undefined,
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
    ['qr', 'qr'],
    ['qr=1', 'qr'],
    ['utm_source=mail&qr=', 'qr'],
    ['q=r', undefined],
    ['qrs=1', undefined],
    ['x=qr', undefined],
    ['QR', undefined],
  ])('knows by the query %j whether a QR code was scanned: %s', (query, qr) => {
    expect(enricher.enrich({ ...record, query }).dimensions.qr).toBe(qr);
  });

  it('keeps the name of the target that a visitor was sent to', () => {
    expect(enricher.enrich({ ...record, target: 'rule-1' }).dimensions.target).toBe('rule-1');
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

  it.each([
    [
      'Facebook',
      undefined,
      undefined,
      '[FBAN/FB4A;FBAV/446.0.0.31.119;FBDM/{density=3.0,width=1080,height=2340};FBLC/en_US;FBCR/T-Mobile;FBMF/Google;FBPN/com.facebook.katana;]',
    ],
    [
      'Instagram',
      'Android',
      'mobile',
      'Mozilla/5.0 (Linux; Android 13; Pixel 7; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/121.0.6167.178 Mobile Safari/537.36 Instagram 309.1.0.41.113 Android',
    ],
    [
      'Firefox',
      'Linux',
      'desktop',
      'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    ],
    [
      // For bowser it is a bot, since it contains "yahoo".
      'Chrome',
      'Android',
      undefined,
      'Mozilla/5.0 (Linux; Android 13; Pixel 7; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/121.0.6167.178 Mobile Safari/537.36 YJApp-ANDROID jp.co.yahoo.android.yjtop/3.150.0',
    ],
    [
      'Miui',
      'Android',
      'mobile',
      'Mozilla/5.0 (Linux; U; Android 9; pl-pl; Redmi Note 7 Build/PKQ1.180904.001) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/71.0.3578.141 Mobile Safari/537.36 XiaoMi/MiuiBrowser/11.4.3-g',
    ],
    [undefined, undefined, undefined, 'Lynx/2.8.9rel.1 libwww-FM/2.14 SSL-MM/1.4.1 GNUTLS/3.6.5'],
    [undefined, 'Windows', 'desktop', 'Mozilla/5.0 (Windows NT 10.0; my text/1.0 of my own (x)'],
    [undefined, undefined, undefined, 'My Text/1 of/2 my own (and, more)'],
  ])('shows the browser %s, the system %s and the device %s', (browser, os, device, userAgent) => {
    const { isBot, dimensions } = enricher.enrich({ ...record, userAgent });
    expect([isBot, dimensions.browser, dimensions.os, dimensions.device]).toEqual([
      false,
      browser,
      os,
      device,
    ]);
  });

  it.each([
    ['a control character', 'a\u0000b\n', 'ab'],
    ['too many letters', 'x'.repeat(150), 'x'.repeat(100)],
    ['half of an emoji', `${'x'.repeat(99)}😀`, 'x'.repeat(99)],
    ['a part of a family', `${'x'.repeat(95)}👩‍👩‍👧!`, 'x'.repeat(95)],
    ['a letter without its accent', `${'x'.repeat(99)}e\u0301`, 'x'.repeat(99)],
    ['half a flag', `${'x'.repeat(98)}🇨🇭`, 'x'.repeat(98)],
    ['the space before what is left out', `${'x'.repeat(99)} ${'y'.repeat(9)}`, 'x'.repeat(99)],
    ['nothing but a control character', '\u0000', undefined],
  ])('never shows %s of a campaign', (_, source, shown) => {
    const query = `utm_source=${encodeURIComponent(source)}`;
    expect(enricher.enrich({ ...record, query }).dimensions.utm_source).toBe(shown);
  });

  it.each([
    [`https://${'a.'.repeat(120)}example/`, `${'a.'.repeat(120)}example`],
    [`https://${'a.'.repeat(130)}example/`, undefined],
    ['android-app://com.google.android.gm/', 'com.google.android.gm'],
    ['not a url', undefined],
  ])('shows the host of %j as a whole or not at all', (referrer, host) => {
    expect(enricher.enrich({ ...record, referrer }).dimensions.referrer).toBe(host);
  });
});
