import { describe, expect, it } from '@jest/globals';
import { TargetRefused, TargetUrlPolicy } from './target-url.policy.js';

const policy = (publicUrl = 'https://go.example.com', allowPrivateTargets = true) =>
  new TargetUrlPolicy(
    { publicUrl } as ConstructorParameters<typeof TargetUrlPolicy>[0],
    { allowPrivateTargets } as ConstructorParameters<typeof TargetUrlPolicy>[1],
  );

function refusal(work: () => string): string {
  try {
    return `accepted ${work()}`;
  } catch (error) {
    return error instanceof TargetRefused ? error.code : String(error);
  }
}

describe(TargetUrlPolicy.name, () => {
  it.each([
    ['HTTP://Example.COM', 'http://example.com/'],
    ['https://example.com/a/../b?q=1#top', 'https://example.com/b?q=1#top'],
    ['https://bücher.example/ä', 'https://xn--bcher-kva.example/%C3%A4'],
    ['http://127.0.0.1:8080/', 'http://127.0.0.1:8080/'],
  ])('takes %s and keeps it in its normal form', (raw, normal) => {
    expect(policy().normalise(raw)).toBe(normal);
  });

  it('takes a name with umlauts also after thousands of others', () => {
    const raw = 'https://bücher.example/ä';
    for (let n = 0; n < 20_000; n += 1) policy().normalise(raw);
    expect(policy().normalise(raw)).toContain('xn--bcher-kva');
  });

  it.each([
    'javascript:alert(1)',
    'java\nscript:alert(1)',
    '\tjavascript:alert(1)',
    'data:text/html,<script>',
    'ftp://example.com/',
    '//example.com/',
    'example.com',
    '',
    ' https://example.com/',
    'https://example.com/\r\nSet-Cookie: a=b',
    'https://example.com/\u0000',
    'https://user:secret@example.com/',
    'https://user@example.com/',
    'https://',
    'https://exa mple.com/',
  ])('refuses %j', (raw) => {
    expect(refusal(() => policy().normalise(raw))).toBe('invalid');
  });

  it('refuses more than 8,192 characters, also those that appear by encoding', () => {
    const refused = (raw: string) => refusal(() => policy().normalise(raw));
    expect(refused(`https://example.com/${'a'.repeat(8_980)}`)).toBe('too-long');
    expect(refused(`https://example.com/${'ä'.repeat(8_000)}`)).toBe('too-long');
  });

  it.each([
    'https://go.example.com/x',
    'http://GO.EXAMPLE.COM:8080/x',
    'https://go.example.com./x',
    'https://g%6F.example.com/x',
  ])('refuses its own host as %s', (raw) => {
    expect(refusal(() => policy().normalise(raw))).toBe('own-host');
  });

  it.each(['127.0.0.1', '127.1', '0x7f.1', '2130706433', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0'])(
    'refuses itself on a laptop under the name %s',
    (host) => {
      const local = policy('http://localhost:3000');
      expect(refusal(() => local.normalise(`http://${host}:3000/x`))).toBe('own-host');
      expect(refusal(() => local.normalise(`http://${host}:4000/x`))).toContain('accepted');
    },
  );

  it.each([
    '10.1.2.3',
    '192.168.0.1',
    '172.16.0.1',
    '169.254.169.254',
    '127.0.0.1',
    '[fd00::1]',
    '[fe80::1]',
    '[::ffff:10.0.0.1]',
    'localhost',
    'intranet',
    'printer.local',
  ])('refuses the private target %s if told to', (host) => {
    const raw = `http://${host}/`;
    expect(refusal(() => policy().normalise(raw))).toContain('accepted');
    expect(refusal(() => policy(undefined, false).normalise(raw))).toBe('private-target');
  });

  it('lets public targets pass when private ones are refused', () => {
    expect(policy(undefined, false).normalise('http://93.184.216.34/')).toBe(
      'http://93.184.216.34/',
    );
  });
});
