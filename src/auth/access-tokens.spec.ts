import { createHmac } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { AccessTokens } from './access-tokens.js';
import { fakeAuthConfig, FakeClock } from './accounts.fake.js';

const SUB = '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d';
const SID = '01912d3a-1111-7c3f-8a4d-9e6f0a1b2c3d';
const HEADER = { alg: 'HS256', typ: 'JWT' };

const encoded = (part: unknown) =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');

/** A token with a good signature, whatever it says. A string is taken as it is. */
function signed(
  payload: unknown,
  header: unknown = HEADER,
  { hash = 'sha256', secret = fakeAuthConfig.jwtSecret } = {},
): string {
  const input = `${encoded(header)}.${encoded(payload)}`;
  return `${input}.${createHmac(hash, secret).update(input).digest('base64url')}`;
}

describe(AccessTokens.name, () => {
  const clock = new FakeClock();
  const tokens = new AccessTokens(fakeAuthConfig, clock);
  const now = () => Math.floor(clock.milliseconds / 1000);
  const claims = (changes: object = {}) => ({
    sub: SUB,
    sid: SID,
    iss: 'signpost',
    aud: 'signpost-api',
    iat: now(),
    exp: now() + 60,
    ...changes,
  });
  const outcome = (token: string): string => {
    try {
      tokens.verify(token);
      return 'accepted';
    } catch (error) {
      const { code, headers } = error as { code: string; headers: Record<string, string> };
      return `${code}: ${headers['www-authenticate']}`;
    }
  };

  beforeEach(() => {
    clock.milliseconds = Date.now();
  });

  it('says whose token it is, of which session, and nothing else about anybody', async () => {
    const token = await tokens.sign({ sub: SUB, sid: SID });
    expect(tokens.verify(token)).toEqual({
      sub: SUB,
      sid: SID,
      iss: 'signpost',
      aud: 'signpost-api',
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      iat: now(),
      exp: now() + 900,
    });
    expect(await tokens.sign({ sub: SUB, sid: SID })).not.toBe(token);
  });

  it('accepts a token of a process whose clock is a little ahead', () => {
    expect(outcome(signed(claims()))).toBe('accepted');
    expect(outcome(signed(claims({ iat: now() + 5 })))).toBe('accepted');
  });

  it('goes on with tokens of previous secrets until they expire, and signs with the new one', async () => {
    const [first, second, third] = ['1', '2', '3'].map((digit) => digit.repeat(40));
    const withSecrets = (jwtSecret: string, ...jwtPreviousSecrets: string[]) =>
      new AccessTokens({ ...fakeAuthConfig, jwtSecret, jwtPreviousSecrets }, clock);
    const token = await withSecrets(first!).sign({ sub: SUB, sid: SID });
    const rotated = withSecrets(third!, second!, first!);
    expect(rotated.verify(token)).toMatchObject({ sub: SUB, sid: SID });
    const next = await rotated.sign({ sub: SUB, sid: SID });
    expect(withSecrets(third!).verify(next)).toMatchObject({ sub: SUB });
    expect(() => withSecrets(first!, second!).verify(next)).toThrow();
    expect(() => withSecrets(third!, second!).verify(token)).toThrow();
    clock.milliseconds += 900_000;
    expect(() => rotated.verify(token)).toThrow(
      expect.objectContaining({ detail: 'The access token has expired. Refresh it.' }),
    );
  });

  it('tries a token against the key that it names, and no other', async () => {
    const [current, previous] = ['c'.repeat(40), 'p'.repeat(40)];
    const both = new AccessTokens(
      { ...fakeAuthConfig, jwtSecret: current, jwtPreviousSecrets: [previous] },
      clock,
    );
    const [header] = (await both.sign({ sub: SUB, sid: SID })).split('.');
    const { kid } = JSON.parse(Buffer.from(header!, 'base64url').toString()) as { kid: string };
    expect(kid).toMatch(/^[0-9a-f]{16}$/);
    const verified = (secret: string, fields: object) => () =>
      both.verify(signed(claims(), { ...HEADER, ...fields }, { secret }));
    expect(verified(current, { kid })).not.toThrow();
    expect(verified(current, {})).not.toThrow();
    expect(verified(previous, { kid })).toThrow();
    expect(verified(previous, {})).toThrow();
    for (const other of ['0'.repeat(16), '', 7, {}, [], '__proto__', '../../dev/null']) {
      expect(verified(current, { kid: other })).toThrow();
    }
  });

  it('says so when a token has expired', async () => {
    const token = await tokens.sign({ sub: SUB, sid: SID });
    clock.milliseconds += 900_000;
    expect(() => tokens.verify(token)).toThrow(
      expect.objectContaining({ detail: 'The access token has expired. Refresh it.' }),
    );
  });

  it.each<[string, () => string]>([
    ['nothing', () => ''],
    ['garbage', () => 'a.b.c'],
    ['dots', () => '..'],
    ['no JSON', () => signed('{', '{')],
    ['a hundred kilobytes', () => 'a'.repeat(100_000)],
    ['a hundred kilobytes that are signed', () => signed({ x: 'a'.repeat(100_000) })],
    ['a NUL', () => `${signed(claims())}\0`],
    ['alg none', () => `${encoded({ alg: 'none', typ: 'JWT' })}.${encoded(claims())}.`],
    ['alg none with a signature', () => signed(claims(), { alg: 'none' })],
    ['no alg', () => signed(claims(), {})],
    ['HS512', () => signed(claims(), { ...HEADER, alg: 'HS512' }, { hash: 'sha512' })],
    ['RS256 signed with the secret', () => signed(claims(), { ...HEADER, alg: 'RS256' })],
    ['another secret', () => signed(claims(), HEADER, { secret: 'x'.repeat(40) })],
    ['a changed payload', () => signed(claims()).replace(/\.[^.]+\./, `.${encoded(claims())}A.`)],
    ['an unknown critical extension', () => signed(claims(), { ...HEADER, crit: ['exp'] })],
    ['an empty list of critical extensions', () => signed(claims(), { ...HEADER, crit: [] })],
    ['a payload of null', () => signed('null')],
    ['a payload of null without typ', () => signed('null', { alg: 'HS256' })],
    ['a payload that is a number', () => signed('7')],
    ['a payload that is text', () => signed('text', { alg: 'HS256' })],
    ['a payload that is a list', () => signed([claims()])],
    ['no issuer', () => signed(claims({ iss: undefined }))],
    ['another issuer', () => signed(claims({ iss: 'somebody' }))],
    ['no audience', () => signed(claims({ aud: undefined }))],
    ['another audience', () => signed(claims({ aud: 'something' }))],
    ['no expiry', () => signed(claims({ exp: undefined }))],
    ['an expiry that is text', () => signed(claims({ exp: '9999999999' }))],
    [
      'an infinite expiry',
      () => signed(JSON.stringify(claims()).replace(/"exp":\d+/, '"exp":1e999')),
    ],
    ['no time of issue', () => signed(claims({ iat: undefined }))],
    ['a time of issue that is text', () => signed(claims({ iat: 'now' }))],
    ['a time of issue in the future', () => signed(claims({ iat: now() + 60, exp: now() + 120 }))],
    ['a start in the future', () => signed(claims({ nbf: now() + 60 }))],
    ...['sub', 'sid'].flatMap((claim): [string, () => string][] =>
      [
        undefined,
        null,
        7,
        {},
        [SUB],
        true,
        '',
        'ada',
        SUB.toUpperCase(),
        `${SUB}\n`,
        `\0${SUB}`,
      ].map((value) => [
        `${claim} ${JSON.stringify(value)}`,
        () => signed(claims({ [claim]: value })),
      ]),
    ),
  ])('refuses a token with %s', (_name, token) => {
    expect(outcome(token())).toBe('unauthenticated: Bearer error="invalid_token"');
  });
});
