import { describe, expect, it } from '@jest/globals';
import { parseQueryString } from './query-string.js';

describe(parseQueryString, () => {
  it.each([
    ['', {}],
    ['q=a+b&limit=10', { q: 'a b', limit: '10' }],
    ['q=%F0%9F%99%82', { q: '🙂' }],
    ['q=%ff&r=%zz', { q: '%ff', r: '%zz' }],
    ['id=1&id=2', { id: ['1', '2'] }],
    ['a&b=&c=1=2', { a: '', b: '', c: '1=2' }],
  ])('reads %j', (query, parameters) => {
    expect({ ...parseQueryString(query) }).toEqual(parameters);
  });

  it('does not change any prototype', () => {
    const parameters = parseQueryString('__proto__=1&constructor=2');
    expect(Object.keys(parameters)).toEqual(['__proto__', 'constructor']);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('stops one after as many parameters as there may be', () => {
    const query = Array.from({ length: 5_000 }, (_, index) => index).join('&');
    expect(Object.keys(parseQueryString(query))).toHaveLength(201);
  });
});
