import { describe, expect, it } from '@jest/globals';
import { isRefusal, mayBeRefusal } from './refusal.js';

describe(isRefusal, () => {
  it.each([
    ['a check', { code: '23514', constraint: 'some_check' }],
    ['a missing value', { code: '23502' }],
    ['a key that is there already', { code: '23505', constraint: 'clicks_pkey' }],
    ['NUL in a text', { code: '22021' }],
    ['a character the encoding lacks', { code: '22P05' }],
    ['a number out of range', { code: '22003' }],
    ['a text that is too long', { code: '22001' }],
    ['what a trigger raises', { code: 'P0001' }],
  ])('is about the rows: %s', (_, error) => {
    expect(isRefusal(error)).toBe(true);
  });

  it.each([
    ['no room', { code: '53100' }],
    ['no memory', { code: '53200' }],
    ['a shutdown', { code: '57P01' }],
    ['a statement that took too long', { code: '57014' }],
    ['a deadlock', { code: '40P01' }],
    ['a missing table', { code: '42P01' }],
    ['a missing right', { code: '42501' }],
    ['a standby', { code: '25006' }],
    ['a lock that was not had', { code: '55P03' }],
    ['a broken connection', { code: '08006' }],
    ['a defect of the server', { code: 'XX000' }],
    ['a network error', { code: 'ECONNRESET' }],
    [
      'a segment that somebody else ingests',
      { code: '23505', constraint: 'ingested_segments_pkey' },
    ],
    ['an error without a code', new Error('Connection terminated')],
  ])('is not, and may go better later: %s', (_, error) => {
    expect(isRefusal(error)).toBe(false);
  });

  it('may be what a node of Citus says of a COPY: that is to be found out', () => {
    const error = { code: 'XX000', routine: 'ReportCopyError' };
    expect([isRefusal(error), mayBeRefusal(error)]).toEqual([false, true]);
    expect(mayBeRefusal({ code: 'XX000', routine: 'elog_finish' })).toBe(false);
  });
});
