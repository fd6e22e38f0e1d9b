import { describe, expect, it } from '@jest/globals';
import { nameOfShortUrl, searchTexts } from './search-text.js';

describe(nameOfShortUrl, () => {
  it.each([
    ['https://go.example.com', 'https://go.example.com/summer', 'summer'],
    ['https://go.example.com', 'GO.example.com/summer?a=b', 'summer'],
    ['https://go.example.com', '//go.example.com/summer/).', 'summer'],
    ['https://go.example.com', 'https://go.example.com/summer.png', undefined],
    ['https://go.example.com', 'https://go.example.com/a/b', undefined],
    ['https://go.example.com', 'https://go.example.com/', undefined],
    ['https://go.example.com', 'https://example.com/summer', undefined],
    ['https://go.example.com', 'see https://go.example.com/summer', undefined],
    ['https://go.example.com', 'summer', undefined],
    ['https://example.com/go', 'example.com/go/summer', 'summer'],
    ['https://example.com/go', 'example.com/summer', undefined],
    ['https://example.com/go', 'example.com/gopher', undefined],
    ['http://go', 'go/summer', 'summer'],
    ['http://localhost:3000', 'localhost:3000/summer', 'summer'],
    ['http://localhost:3000', 'localhost:4000/summer', undefined],
    ['https://bücher.example', 'bücher.example/summer', 'summer'],
    ['https://bücher.example', 'xn--bcher-kva.example/summer', 'summer'],
  ])('at %s finds in %j the code %s', (publicUrl, typed, code) => {
    const name = code === undefined ? undefined : { domain: '', code };
    expect(nameOfShortUrl(typed, publicUrl, { has: () => false })).toEqual(name);
  });

  it.each([
    ['https://go.brand.example/summer', 'summer'],
    ['Go.Brand.example./summer?a=b', 'summer'],
    ['go.brand.example/go/summer', undefined],
    ['go.brand.example', undefined],
  ])('finds in %j, which is on a further host, the code %s', (typed, code) => {
    const has = (url: URL) => /^go[.]brand[.]example[.]?$/.test(url.hostname);
    const name = code === undefined ? undefined : { domain: 'go.brand.example', code };
    expect(nameOfShortUrl(typed, 'https://example.com/go', { has })).toEqual(name);
  });
});

describe(searchTexts, () => {
  it.each([
    ['Sale', ['sale']],
    ['  ', []],
    ['100% off', ['100% off']],
    ['e.g.', ['e.g.']],
    ['example.com', ['example.com']],
    ['a%20b', ['a%20b', 'a b']],
    ['https://Bücher.example', ['https://bücher.example', 'https://xn--bcher-kva.example']],
  ])('of %j are %j', (typed, texts) => {
    expect(searchTexts(typed)).toEqual(texts);
  });
});
