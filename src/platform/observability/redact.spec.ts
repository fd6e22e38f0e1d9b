import { describe, expect, it } from '@jest/globals';
import { redact, redactText } from './redact.js';

describe(redactText.name, () => {
  it('hides the credentials of URLs', () => {
    const text = 'cannot reach postgres://app:hunter2@db:5432/signpost or redis://:secret@cache';
    const redacted = redactText(text);
    expect(redacted).toContain('postgres://[redacted]@db:5432/signpost');
    expect(redacted).not.toMatch(/hunter2|secret/);
  });

  it('hides tokens', () => {
    expect(redactText('Authorization: Bearer abc.def-1')).toBe('Authorization: Bearer [redacted]');
    expect(redactText('got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln')).toBe('got [redacted]');
  });

  it('hides invitations and refresh tokens, wherever they stand', () => {
    for (const prefix of ['spi', 'spr']) {
      const path = `/api/v1/invitations/${prefix}_${'aB3_-'.repeat(8)}xyz/accept`;
      expect(redactText(`POST ${path} 404`)).toBe('POST /api/v1/invitations/[redacted]/accept 404');
    }
  });

  it('hides API keys', () => {
    const text = `the key sgp_${'aB3'.repeat(12)} of a service`;
    expect(redactText(text)).toBe('the key [redacted] of a service');
  });

  it.each([
    ['a password with an @', 'to postgres://app:hun@ter2@db/x', 'to postgres://[redacted]@db/x'],
    ['a token that was cut off', `POST /spi_${'x'.repeat(20)}`, 'POST /[redacted]'],
    ['a token as it stands in a URL', `/a/spr%5F${'x'.repeat(43)}/b`, '/a/[redacted]/b'],
    ['a key behind other characters', `token=xsgp_${'x'.repeat(36)}`, 'token=x[redacted]'],
    ['half of a JSON Web Token', `eyJhbGciOiJIUzI1NiJ9.eyJzdWIi!`, '[redacted]!'],
    ['Bearer in a URL', '/me/Bearer%20abc.def-1/x', '/me/Bearer%20[redacted]'],
  ])('hides %s', (_, text, redacted) => {
    expect(redactText(text)).toBe(redacted);
  });

  it.each(['a-', 'a://:', 'eyJa.', 'Bearer ', 'sgp_', 'a://b:c'])(
    'is done with a text of any length in no time: %s',
    (part) => {
      const startedAt = performance.now();
      redactText(part.repeat(100_000));
      expect(performance.now() - startedAt).toBeLessThan(1_000);
    },
  );

  it('leaves other text alone', () => {
    const text = 'GET https://example.com/a?b=c@d took 3 ms, 10:30';
    expect(redactText(text)).toBe(text);
  });
});

describe(redact.name, () => {
  it('hides secrets by their names, at any depth and in any case', () => {
    const value = {
      headers: { Authorization: 'Basic x', cookie: 'a=b', accept: '*/*' },
      list: [{ password: 'p', refreshToken: 't', accessToken: 't', JWT_SECRET: 's' }],
      DATABASE_URL: 'postgres://a:b@c/d',
      passwordHash: '$2b$',
      code: 'summer-sale',
    };
    expect(redact(value)).toEqual({
      headers: { Authorization: '[redacted]', cookie: '[redacted]', accept: '*/*' },
      list: [
        {
          password: '[redacted]',
          refreshToken: '[redacted]',
          accessToken: '[redacted]',
          JWT_SECRET: '[redacted]',
        },
      ],
      DATABASE_URL: '[redacted]',
      passwordHash: '[redacted]',
      code: 'summer-sale',
    });
  });

  it('keeps of an error only what helps, not the values of a query', () => {
    const cause = new Error('connect ECONNREFUSED');
    const error = Object.assign(new Error('insert failed', { cause }), {
      code: '23505',
      parameters: ['a@example.com', 'hash'],
    });
    const redacted = redact(error);
    expect(redacted).toMatchObject({
      type: 'Error',
      message: 'insert failed',
      code: '23505',
      cause: { message: 'connect ECONNREFUSED' },
    });
    expect(JSON.stringify(redacted)).not.toContain('a@example.com');
  });

  it('ends where a value contains itself', () => {
    const value: Record<string, unknown> = {};
    value['self'] = value;
    expect(JSON.stringify(redact(value))).toContain('[deep]');
  });
});
