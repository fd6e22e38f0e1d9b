import { describe, expect, it } from '@jest/globals';
import { NotFoundException, UnauthorizedException } from '@nestjs/common';
import { ProblemError } from '../common/problem/problem.error.js';
import { deserializeAnswer, isKept, refusalOf, serializeAnswer } from './stored-answer.js';

describe('serializeAnswer', () => {
  it('keeps an answer as it will be sent', () => {
    const answer = { status: 201, headers: { etag: '"1"' }, body: { at: new Date(0), tags: [] } };
    expect(deserializeAnswer(serializeAnswer('f', { answer }))).toEqual({
      fingerprint: 'f',
      settled: { answer: { ...answer, body: { at: '1970-01-01T00:00:00.000Z', tags: [] } } },
    });
  });

  it('keeps a large answer in less room, and one that is larger still not at all', () => {
    const link = { url: 'https://example.com/', title: 'Größe', tags: ['sale', 'summer'] };
    const answerOf = (links: number) => ({
      answer: { status: 200, headers: {}, body: Array.from({ length: links }, () => link) },
    });
    const stored = serializeAnswer('f', answerOf(2_000));
    expect(stored.length).toBeLessThan(10_000);
    expect(deserializeAnswer(stored)).toEqual({ fingerprint: 'f', settled: answerOf(2_000) });
    expect(deserializeAnswer(serializeAnswer('f', answerOf(20_000)))).toEqual({ fingerprint: 'f' });
  });

  it('keeps an answer without a body', () => {
    const answer = { status: 204, headers: {}, body: undefined };
    const { settled } = deserializeAnswer(serializeAnswer('f', { answer }));
    expect(settled).toEqual({ answer: { status: 204, headers: {} } });
  });

  it('keeps a refusal with all that the problem says', () => {
    const refusal = new ProblemError('code-taken', {
      detail: 'Take another one.',
      errors: [{ pointer: '/code', code: 'taken', detail: 'is taken' }],
      headers: { 'retry-after': '1' },
    });
    const { settled } = deserializeAnswer(serializeAnswer('f', { refusal }));
    expect(settled).toEqual({ refusal });
    expect((settled as { refusal: unknown }).refusal).toMatchObject({
      status: 409,
      detail: 'Take another one.',
      errors: refusal.errors,
      headers: refusal.headers,
    });
  });
});

describe('refusalOf', () => {
  it('recognises what is the client’s to mend', () => {
    expect(refusalOf(new ProblemError('link-not-found'))?.code).toBe('link-not-found');
    expect(refusalOf(new NotFoundException())?.code).toBe('not-found');
  });

  it('leaves failures alone', () => {
    expect(refusalOf(new ProblemError('database-unavailable'))).toBeUndefined();
    expect(refusalOf(new TypeError('x is not a function'))).toBeUndefined();
  });
});

describe('isKept', () => {
  it('is true for answers and for refusals that would come again', () => {
    expect(isKept({ answer: { status: 201, headers: {} } })).toBe(true);
    expect(isKept({ refusal: new ProblemError('code-taken') })).toBe(true);
  });

  it('is false for refusals that ask for another try', () => {
    expect(isKept({ refusal: refusalOf(new UnauthorizedException())! })).toBe(false);
    expect(isKept({ refusal: new ProblemError('too-many-requests') })).toBe(false);
  });
});
