import type { Type } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import type { ProblemError } from '../../common/problem/problem.error.js';
import { RequestValidationPipe } from '../../common/problem/validation.pipe.js';
import { LoginRequest } from './login.request.js';
import { RefreshTokenRequest } from './refresh-token.request.js';
import { RegisterRequest } from './register.request.js';

const pipe = new RequestValidationPipe();
const receive = (metatype: Type, body: unknown) =>
  pipe.transform(body, { type: 'body', metatype }) as Promise<object>;

/** `pointer code` of every wrong field. */
const wrongFields = (metatype: Type, body: unknown) =>
  receive(metatype, body).then(
    () => [],
    (error: ProblemError) => error.errors!.map(({ pointer, code }) => `${pointer} ${code}`),
  );

const VALID = { email: 'ada@example.com', password: 'correct horse' };

describe(RegisterRequest.name, () => {
  it('trims the address', async () => {
    expect(
      await receive(RegisterRequest, { ...VALID, email: '\u00a0 Ada@example.com\n\u200b' }),
    ).toEqual({
      ...VALID,
      email: 'Ada@example.com',
    });
  });

  it('takes a password as it is hashed, so that its length is that of what is hashed', async () => {
    const password = 'u\u0308'.repeat(36);
    expect(await receive(RegisterRequest, { ...VALID, password })).toEqual({
      ...VALID,
      password: 'ü'.repeat(36),
    });
    const short = { ...VALID, password: 'u\u0308'.repeat(7) };
    expect(await wrongFields(RegisterRequest, short)).toEqual(['/password too-short']);
  });

  it.each([
    '72946183',
    'x'.repeat(64),
    'x'.repeat(72),
    'ü'.repeat(36),
    '🔑'.repeat(18),
    ' '.repeat(8),
  ])('accepts the password %j', async (password) => {
    expect(await wrongFields(RegisterRequest, { ...VALID, password })).toEqual([]);
  });

  it.each([
    ['1234567', 'too-short'],
    ['x'.repeat(73), 'too-long'],
    ['ü'.repeat(37), 'too-long'],
    ['\ud800'.repeat(25), 'too-long'],
    ['correct\0horse', 'invalid'],
    ['correct\ud800horse', 'invalid'],
    [12345678, 'wrong-type'],
    [null, 'wrong-type'],
    [['correct horse'], 'wrong-type'],
    [{ length: 10 }, 'wrong-type'],
    [undefined, 'required'],
  ])('refuses the password %j: %s', async (password, code) => {
    expect(await wrongFields(RegisterRequest, { ...VALID, password })).toContain(
      `/password ${code}`,
    );
  });

  it.each([
    ['password', 'ada@example.com'],
    ['PassW0rd', 'ada@example.com'],
    ['q1w2e3r4t5', 'ada@example.com'],
    ['My-SignPost-2026', 'ada@example.com'],
    ['xx lovelace xx', 'Lovelace@example.com'],
    ['at ada@example.com', 'ada@example.com'],
  ])('refuses the password %j of %s: others would try it first', async (password, email) => {
    expect(await wrongFields(RegisterRequest, { email, password })).toEqual([
      '/password too-common',
    ]);
  });

  it.each([
    ['baseball football', 'ada@example.com'],
    ['password 12345678', 'ada@example.com'],
    ['armada of swans', 'ada@example.com'],
    ['a'.repeat(12), 'ada@example.com'],
  ])('accepts the password %j of %s', async (password, email) => {
    expect(await wrongFields(RegisterRequest, { email, password })).toEqual([]);
  });

  it.each([
    ['ada', 'invalid'],
    ['', 'invalid'],
    ['ada@example.com\0', 'invalid'],
    ['ada\0@example.com', 'invalid'],
    ['ada\ud800@example.com', 'invalid'],
    ['ada@example\udc00.com', 'invalid'],
    ['"a\nb"@example.com', 'invalid'],
    ['ada@example.com, bob@example.com', 'invalid'],
    [`${'a'.repeat(64)}@${'b'.repeat(190)}.com`, 'too-long'],
    [1, 'wrong-type'],
    [null, 'wrong-type'],
    [{ toString: 'x' }, 'wrong-type'],
    [['ada@example.com'], 'wrong-type'],
  ])('refuses the address %j: %s', async (email, code) => {
    expect(await wrongFields(RegisterRequest, { ...VALID, email })).toContain(`/email ${code}`);
  });

  it.each([
    ['', 'required'],
    ['x'.repeat(101), 'too-long'],
    ['Ada\0', 'invalid'],
    ['Ada\nLovelace', 'invalid'],
    ['Ada\ud800', 'invalid'],
    [null, 'wrong-type'],
    [7, 'wrong-type'],
  ])('refuses the name %j: %s', async (name, code) => {
    expect(await wrongFields(RegisterRequest, { ...VALID, name })).toContain(`/name ${code}`);
  });

  it('refuses to be told the role', async () => {
    expect(await wrongFields(RegisterRequest, { ...VALID, role: 'admin' })).toEqual([
      '/role not-allowed',
    ]);
  });

  it('names every wrong field at once, and never the password', async () => {
    const password = 'hunter2';
    const error = (await receive(RegisterRequest, { email: 'x', password, name: 1 }).catch(
      (problem: ProblemError) => problem,
    )) as ProblemError;
    expect(error.errors!.map(({ pointer }) => pointer)).toEqual(['/email', '/password', '/name']);
    expect(JSON.stringify(error)).not.toContain(password);
  });
});

describe(LoginRequest.name, () => {
  it('takes a short password, which may be from before the rule', async () => {
    expect(await wrongFields(LoginRequest, { ...VALID, password: 'short' })).toEqual([]);
  });

  it('takes a password as it was typed, which may be longer than what is hashed of it', async () => {
    const password = 'u\u0308'.repeat(36);
    expect(await receive(LoginRequest, { ...VALID, password })).toEqual({ ...VALID, password });
  });

  it('refuses what no password can be', async () => {
    expect(await wrongFields(LoginRequest, { ...VALID, password: 'x'.repeat(73) })).toEqual([
      '/password too-long',
    ]);
    expect(await wrongFields(LoginRequest, { ...VALID, password: '\ud800' })).toEqual([
      '/password invalid',
    ]);
    expect(await wrongFields(LoginRequest, { email: VALID.email })).toEqual(['/password required']);
  });
});

describe(RefreshTokenRequest.name, () => {
  it.each([[undefined], [null], [1], [['x']], [''], ['x'.repeat(201)]])(
    'refuses %j',
    async (refreshToken) => {
      expect(await wrongFields(RefreshTokenRequest, { refreshToken })).toHaveLength(1);
    },
  );
});
