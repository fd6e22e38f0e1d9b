import { describe, expect, it } from '@jest/globals';
import { DIMENSIONS } from './analytics.types.js';
import { DIMENSION_COLUMNS, packedValue, PLACE_OF_DIMENSION, valuesIn } from './pack-layout.js';

describe('the columns of packs', () => {
  it('have a place for every dimension', () => {
    expect(Object.keys(PLACE_OF_DIMENSION).toSorted()).toEqual(DIMENSIONS.toSorted());
    for (const [dimension, { column, part }] of Object.entries(PLACE_OF_DIMENSION)) {
      expect(DIMENSION_COLUMNS[column][part]).toBe(dimension);
    }
  });

  it('tell known and unknown values of the dimensions that share one', () => {
    const values = { browser: 'Firefox', device: 'mobile', country: 'US' };
    expect(valuesIn('agent', packedValue('agent', values))).toEqual(['Firefox', null, 'mobile']);
    expect(valuesIn('campaign', packedValue('campaign', values))).toEqual([null, null, null]);
  });

  it('have the value alone where there is one dimension', () => {
    expect(packedValue('country', { country: 'US' })).toBe('US');
    expect(valuesIn('country', 'US')).toEqual(['US']);
    expect(packedValue('country', {})).toBeNull();
    expect(valuesIn('country', null)).toEqual([null]);
  });
});
