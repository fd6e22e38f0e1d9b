import { describe, expect, it } from '@jest/globals';
import { codeOfShortUrl, searchTexts } from './search-text.js';

describe(codeOfShortUrl, () => {
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
    expect(codeOfShortUrl(typed, publicUrl)).toBe(code);
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
