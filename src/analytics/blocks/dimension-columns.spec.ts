import { describe, expect, it } from '@jest/globals';
import { DIMENSIONS } from '../analytics.types.js';
import {
  COLUMN_NAMES,
  columnValue,
  DIMENSION_COLUMNS,
  PLACE_OF_DIMENSION,
  valuesIn,
} from './dimension-columns.js';

describe('The columns of blocks', () => {
  it('have a place for every dimension', () => {
    const places = COLUMN_NAMES.flatMap((column) =>
      DIMENSION_COLUMNS[column].map((dimension, part) => [dimension, { column, part }]),
    );
    expect(Object.fromEntries(places)).toEqual(PLACE_OF_DIMENSION);
    expect(places).toHaveLength(DIMENSIONS.length);
  });

  it('tell known and unknown values of the dimensions that share one', () => {
    const values = { browser: 'Firefox', device: 'mobile', country: 'US' };
    expect(valuesIn('agent', columnValue('agent', values))).toEqual(['Firefox', null, 'mobile']);
    expect(valuesIn('campaign', columnValue('campaign', values))).toEqual([null, null, null]);
  });

  it('have the value alone where there is one dimension', () => {
    expect(columnValue('country', { country: 'US' })).toBe('US');
    expect(valuesIn('country', 'US')).toEqual(['US']);
    expect(columnValue('country', {})).toBeNull();
    expect(valuesIn('country', null)).toEqual([null]);
  });
});
