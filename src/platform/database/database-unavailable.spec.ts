import { connect } from 'node:net';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { CannotExecuteNotConnectedError, QueryFailedError } from 'typeorm';
import { describeError, isDatabaseUnavailable } from './database-unavailable.js';

function databaseError(code: string): pg.DatabaseError {
  return Object.assign(new pg.DatabaseError('text', 4, 'error'), { code });
}

describe('isDatabaseUnavailable', () => {
  it.each(['08006', '57P01', '57P02', '57P03', '53300', '57014'])('is true of %s', (code) => {
    expect(isDatabaseUnavailable(databaseError(code))).toBe(true);
    const wrapped = new QueryFailedError('SELECT 1', [], databaseError(code));
    expect(isDatabaseUnavailable(wrapped)).toBe(true);
    expect(isDatabaseUnavailable(new Error('outer', { cause: wrapped }))).toBe(true);
  });

  it.each(['23505', '42P01', '22P02', '40001'])('is false of %s', (code) => {
    expect(isDatabaseUnavailable(databaseError(code))).toBe(false);
  });

  it.each([
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
  ])('is true of "%s"', (message) => {
    expect(isDatabaseUnavailable(new Error(message))).toBe(true);
  });

  it('is true before the first connection was made', () => {
    expect(isDatabaseUnavailable(new CannotExecuteNotConnectedError())).toBe(true);
  });

  it('is true of a refused connection, also of several', async () => {
    const refused = await new Promise((resolve) => {
      connect(1, '127.0.0.1').once('error', resolve);
    });
    expect(isDatabaseUnavailable(refused)).toBe(true);
    expect(isDatabaseUnavailable(new AggregateError([refused]))).toBe(true);
    expect(describeError(new AggregateError([refused]))).toMatch(/ECONNREFUSED/);
  });

  it('is false of a missing file, and of what is no error', async () => {
    const missing = await readFile('/no/such/file').catch((error: unknown) => error);
    expect(isDatabaseUnavailable(missing)).toBe(false);
    expect(isDatabaseUnavailable(undefined)).toBe(false);
    expect(isDatabaseUnavailable('ECONNREFUSED')).toBe(false);
  });
});
