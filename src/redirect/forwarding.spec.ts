import { describe, expect, it } from '@jest/globals';
import { pathBehindCode, staysBelow, withPath, withQuery } from './forwarding.js';

describe(pathBehindCode, () => {
  it.each([
    ['/code', ''],
    ['/code?a=/b', ''],
    ['/code/a', 'a'],
    ['/code/a/b%20c/?q=/d', 'a/b%20c/'],
    ['/code//a', '/a'],
    ['/%63ode/a', 'a'],
    ['http://go.example.com/code/a', 'a'],
    ['http://go.example.com?x=/a/b', ''],
  ])('of %j is %j', (url, path) => {
    expect(pathBehindCode(url)).toBe(path);
  });
});

describe(staysBelow, () => {
  it.each([
    '',
    'a',
    'a/b/',
    '/host.example/a',
    'a..b/...',
    '..a',
    '.well-known',
    'a%20b',
    '100%',
    '%zz',
    'v1.2/%C3%BC',
    'https://evil.example/',
  ])('is so for %j', (path) => {
    expect(staysBelow(path)).toBe(true);
  });

  it.each([
    '..',
    '.',
    'a/../b',
    'a/..',
    '%2e%2e/admin',
    '%2E.',
    '.%2e/x',
    '%252e%252e/x',
    '%25252e%25252e/x',
    'a/..%2f..%2fadmin',
    'a/..%5cadmin',
    'a\\..\\b',
    'a%5c..%5cb',
    '..;/manager',
    '..;x=1/manager',
    '%2e%2e%3b/manager',
    '..%20/a',
    '..%09/a',
    '..%00/a',
    'a%00',
    'a%0d%0aSet-Cookie:x=1',
    'a\r\nb',
    'a%250d%250a',
    'a%7f',
    '%2525252525252e',
    'a'.repeat(2_049),
  ])('is not so for %j', (path) => {
    expect(staysBelow(path)).toBe(false);
  });
});

describe(withPath, () => {
  it.each([
    ['https://example.com/', 'a/b', 'https://example.com/a/b'],
    ['https://example.com/x', 'a', 'https://example.com/x/a'],
    ['https://example.com/x/', 'a/', 'https://example.com/x/a/'],
    ['https://example.com/x?q=1#top', 'a', 'https://example.com/x/a?q=1#top'],
    ['https://example.com/x#a?b', 'a', 'https://example.com/x/a#a?b'],
    ['https://example.com/x', '', 'https://example.com/x'],
    ['https://example.com/', '/evil.example', 'https://example.com/evil.example'],
    ['https://example.com/', '//evil.example//a', 'https://example.com/evil.example/a'],
    ['https://example.com/', '\\\\evil.example', 'https://example.com/%5C%5Cevil.example'],
    ['https://example.com/', '@evil.example', 'https://example.com/@evil.example'],
    ['https://example.com/', 'https://evil.example', 'https://example.com/https:/evil.example'],
    ['https://example.com/', 'a%2Fb%3F', 'https://example.com/a%2Fb%3F'],
    ['https://example.com/', '\xc3\xbc "<>', 'https://example.com/%C3%BC%20%22%3C%3E'],
    ['https://example.com/', 'ü€', 'https://example.com/%FC%E2%82%AC'],
    ['myapp://settings', 'a', 'myapp://settings/a'],
    ['mailto:ada@example.com', 'a', 'mailto:ada@example.com'],
  ])('of %j with %j is %j', (target, path, url) => {
    expect(withPath(target, path)).toBe(url);
  });

  it('stays on the host and below the path of the target for whatever stays below', () => {
    const parts = ['/', '\\', '..', '.', '%2e', '%2f', '%5c', '@', ':', ';', 'a', '//', '%25'];
    for (const a of parts)
      for (const b of parts)
        for (const c of parts)
          for (const d of parts) {
            const path = a + b + c + d;
            if (!staysBelow(path)) continue;
            const { origin, pathname } = new URL(withPath('https://example.com/base', path));
            expect([path, origin]).toEqual([path, 'https://example.com']);
            expect(pathname).toMatch(/^\/base(\/|$)/);
          }
  });
});

describe(withQuery, () => {
  const bare = 'https://example.com/';
  const own = 'https://example.com/?a=1&b%5Fc=2#top';

  it.each([
    [bare, 'x=1', `${bare}?x=1`],
    [bare, '', bare],
    [bare, '&&x&&', `${bare}?x`],
    [`${bare}?`, 'x=1', `${bare}?x=1`],
    [`${bare}#top`, 'x=1', `${bare}?x=1#top`],
    [`${bare}#top?a=1`, 'a=2', `${bare}?a=2#top?a=1`],
    [own, 'x=1&y=2', 'https://example.com/?a=1&b%5Fc=2&x=1&y=2#top'],
    [own, 'x=%41+%2B&x=2', 'https://example.com/?a=1&b%5Fc=2&x=%41+%2B&x=2#top'],
    [bare, 'x=%0d%0a', `${bare}?x=%0d%0a`],
    [bare, 'x=\r\nSet-Cookie: a', `${bare}?x=%0D%0ASet-Cookie:%20a`],
    [bare, 'x=\xc3\xbc#<y>"', `${bare}?x=%C3%BC%23%3Cy%3E%22`],
    [bare, 'x=\ud800', `${bare}?x=%EF%BF%BD`],
    [bare, 'x=1;a=2', `${bare}?x=1%3Ba=2`],
    [bare, 'x=100%', `${bare}?x=100%`],
    [bare, 'u=https://e.example/?q', `${bare}?u=https://e.example/?q`],
    ['mailto:ada@example.com?subject=a', 'body=b', 'mailto:ada@example.com?subject=a&body=b'],
  ])('of %j with %j is %j', (target, query, url) => {
    expect(withQuery(target, query)).toBe(url);
  });

  it.each([
    'a=2',
    'a',
    '%61=2',
    'A=2',
    'a[]=2',
    'a%5B0%5D=2',
    '+a=2',
    '%20a=2',
    'a%00x=2',
    'b_c=3',
    'b%5fc=3',
    'b.c=3',
    'b+c=3',
    'b%2Ec=3',
  ])('leaves to the target what it has a value for: %j', (query) => {
    expect(withQuery(own, query)).toBe(own);
  });

  it('takes no more than there is room for, each parameter whole', () => {
    const url = withQuery(
      bare,
      `long=${'x'.repeat(9_000)}&a=1&b=${'y'.repeat(8_000)}&c=${'z'.repeat(200)}`,
    );
    expect(url).toBe(`${bare}?a=1&b=${'y'.repeat(8_000)}`);
  });
});
