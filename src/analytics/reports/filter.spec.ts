import { describe, expect, it } from '@jest/globals';
import { OTHER_VALUES } from '../analytics.types.js';
import { parseFilter } from './filter.js';

describe(parseFilter.name, () => {
  const parse = (text: string) => {
    const { only, not } = parseFilter('utm_campaign', text)!;
    return [only, not];
  };

  it('reads wanted and unwanted values', () => {
    expect(parse('a')).toEqual([['a'], []]);
    expect(parse('a,b c')).toEqual([['a', 'b c'], []]);
    expect(parse('-a,-b')).toEqual([[], ['a', 'b']]);
    expect(parse('a,-b')).toEqual([['a'], ['b']]);
  });

  it('reads what is not known', () => {
    expect(parse('(unknown)')).toEqual([[null], []]);
    expect(parse('-(unknown)')).toEqual([[], [null]]);
    expect(parse('\\(unknown)')).toEqual([['(unknown)'], []]);
  });

  it('reads what was folded', () => {
    expect(parse('(other)')).toEqual([[OTHER_VALUES], []]);
    expect(parse('\\(other),other')).toEqual([['(other)', 'other'], []]);
  });

  it('takes an escaped character as it is', () => {
    expect(parse('a\\,b,\\-c,d\\\\,-\\-e')).toEqual([['a,b', '-c', 'd\\'], ['-e']]);
    expect(parse('a\\')).toEqual([['a\\'], []]);
  });

  it('refuses empty values', () => {
    for (const text of ['', ',', 'a,', ',a', 'a,,b', '-', 'a,-']) {
      expect([text, parseFilter('browser', text)]).toEqual([text, undefined]);
    }
  });

  it('takes countries in any case', () => {
    expect(parseFilter('country', 'us,-fr')).toEqual({
      dimension: 'country',
      only: ['US'],
      not: ['FR'],
    });
  });
});
