import { describe, expect, it } from '@jest/globals';
import { withoutTrail } from './short-link-path.js';

describe(withoutTrail, () => {
  it.each([
    ['slashes', '/', '//', '/.', '/)'],
    ['punctuation', '.', ',', ')', '!', ';', ':', '...', ').', '),', "'", '"', '*', '**', '|'],
    [
      'brackets',
      '>',
      ']',
      '}',
      '%3E',
      '%5D',
      '%7D',
      '%22',
      '%5C',
      '`',
      '%60',
      '~',
      '&',
      '@',
      '=',
      '$',
    ],
    ['encoded punctuation', '%3F', '%23', '%2C', '%2E', '%25', '%3C'],
    ['white space', '%20', '%20%20', '%09', '%0A', '%0D%0A', '%C2%A0', '%E3%80%80', '%E2%80%89'],
    ['what nobody sees', '%E2%80%8B', '%EF%BB%BF', '%C2%AD', '%E2%80%8E', '%E2%81%A0', '%E2%80%8D'],
    ['typography', '%E2%80%A6', '%E2%80%9D', '%E2%80%99', '%C2%BB', '%E2%80%94'],
    ['CJK punctuation', '%E3%80%82', '%EF%BC%8C', '%E3%80%8D', '%EF%BC%89', '%EF%BC%81'],
    ['text of another script', '%E8%B0%A2%E8%B0%A2', '%F0%9F%91%88', '%E3%80%82%E8%B0%A2'],
  ])('drops %s behind a code', (_, ...trails) => {
    for (const trail of trails) {
      expect([trail, withoutTrail(`/Sum-mer_${trail}`)]).toEqual([trail, '/Sum-mer_']);
      expect([trail, withoutTrail(`/s${trail}?a=/b.&c=)`)]).toEqual([trail, '/s?a=/b.&c=)']);
    }
  });

  it.each([
    ['/summer+', '/summer+'],
    ['/summer+?a=b', '/summer+?a=b'],
    ['/summer%2B', '/summer+'],
    ['/summer+.', '/summer+'],
    ['/summer+%E3%80%82?a=b', '/summer+?a=b'],
    ['/summer++', '/summer+'],
    ['/summer.+', '/summer'],
  ])('keeps the plus that asks for a preview: %s', (url, rewritten) => {
    expect(withoutTrail(url)).toBe(rewritten);
  });

  it.each([
    ['a code', '/summer', '/summer?a=).', '/summer-', '/summer_', '/'],
    ['a file name', '/summer.png', '/favicon.ico', '/robots.txt', '/summer.tar.gz'],
    ['an encoded slash', '/summer%2F', '/summer%2f', '/summer.%2F', '/summer%2F.', '/summer/%2F'],
    [
      'control characters',
      '/summer%00',
      '/summer.%00',
      '/summer%1F',
      '/summer%7F',
      '/summer%C2%85',
    ],
    ['a broken encoding', '/summer%', '/summer%zz', '/summer%E2%80', '/summer%2', '/summer.%'],
    ['an encoding that is encoded', '/summer%2520', '/summer%252F', '/summer%2500'],
    [
      'a deeper path',
      '/summer/x',
      '/summer/x/',
      '/summer./x',
      '/summer/%C3%A4',
      '/summer/%E8%B0%A2',
    ],
    ['characters inside', '/sum.mer', '/sum%20mer', '/sum%E2%80%8Bmer', '/sum%C3%A4mer'],
    ['characters in front', '//summer', '/.summer', '/%20summer', '/(summer)', '/%E2%80%8Bsummer'],
    ['too long a code', `/${'x'.repeat(65)}.`],
    ['too long a trail', `/x${'.'.repeat(193)}`],
    ['nothing but such characters', '/.', '/%20', '/%E2%80%8B', '/%C3%A4'],
    ['another URL', '*', 'http://s.example/summer.', ''],
  ])('leaves %s alone', (_, ...urls) => {
    for (const url of urls) expect(withoutTrail(url)).toBe(url);
  });
});
