import { describe, expect, it } from '@jest/globals';
import { wantsCsv } from './format.query.js';

describe(wantsCsv, () => {
  it.each([
    [undefined, undefined, false],
    [undefined, '*/*', false],
    [undefined, 'text/csv', true],
    [undefined, 'Text/CSV;q=0.9, */*;q=0.1', true],
    [undefined, 'application/json, text/csv', false],
    [undefined, 'text/csv, application/json', true],
    [undefined, 'text/csv;q=0, application/json', false],
    [undefined, 'text/csv; q=0.000', false],
    ['json', 'text/csv', false],
    ['csv', 'application/json', true],
  ] as const)('of format %s and Accept: %s is %s', (format, accept, expected) => {
    expect(wantsCsv(format, accept)).toBe(expected);
  });
});
