import { describe, expect, it } from '@jest/globals';
import type { RedirectTarget } from '../links/links.types.js';
import { UnlockCookies } from './unlock-cookies.js';

const NOW = 1_795_000_000_000;
const SECRETS = [
  'a secret of 32 bytes, or of more than that',
  'the next secret of 32 bytes and more',
];

const cookiesOf = (jwtSecret: string, ...jwtPreviousSecrets: string[]) =>
  new UnlockCookies(
    { jwtSecret, jwtPreviousSecrets } as never,
    { publicUrl: 'https://go.example.com/to/' } as never,
  );
const linkOf = (linkId: string, passwordHash: string) =>
  ({ linkId, options: { passwordHash } }) as RedirectTarget;

describe(UnlockCookies.name, () => {
  const link = linkOf('a', '$2b$one');
  const cookies = cookiesOf(SECRETS[0]!);
  const [cookie, ...attributes] = cookies.make('code', link, NOW).split('; ');

  it('are for the path of the link, and for browsers alone', () => {
    expect(attributes).toEqual([
      'Path=/to/code',
      'Max-Age=900',
      'HttpOnly',
      'SameSite=Lax',
      'Secure',
    ]);
  });

  it.each([
    ['at once', NOW, true],
    ['until they end', NOW + 899_999, true],
    ['no longer', NOW + 900_000, false],
    ['not when they say that they end later than any could', NOW - 2_000, false],
  ])('open it %s', (_, now, isOpen) => {
    expect(cookies.open(link, cookie, now)).toBe(isOpen);
  });

  it.each([
    ['another link', linkOf('b', '$2b$one')],
    ['a link with another password', linkOf('a', '$2b$two')],
  ])('do not open %s', (_, other) => {
    expect(cookies.open(other, cookie, NOW)).toBe(false);
  });

  it('outlast a change of the secret, if the old one is told', () => {
    expect(cookiesOf(SECRETS[1]!, SECRETS[0]!).open(link, cookie, NOW)).toBe(true);
    expect(cookiesOf(SECRETS[1]!).open(link, cookie, NOW)).toBe(false);
  });

  it('are found among others, also of the same name', () => {
    const stale = `signpost_unlocked=1795000000.${'A'.repeat(43)}`;
    expect(cookies.open(link, `a=b;${stale}; ${cookie}; c="d"`, NOW)).toBe(true);
    expect(cookies.open(link, `a=b; not_${cookie}`, NOW)).toBe(false);
    expect(cookies.open(link, undefined, NOW)).toBe(false);
  });
});
