import { hostname } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import type { LinksConfig } from '../../config/links.config.js';
import type { ServerConfig } from '../../config/server.config.js';
import type { HostsService } from '../domains/hosts.service.js';
import { TargetRefused, TargetUrlPolicy } from './target-url.policy.js';

const policy = (
  publicUrl = 'https://go.example.com',
  allowPrivateTargets = true,
  allowedTargetSchemes: string[] = [],
  port = 3000,
) =>
  new TargetUrlPolicy(
    { publicUrl, host: '0.0.0.0', port } as ServerConfig,
    { allowPrivateTargets, allowedTargetSchemes } as LinksConfig,
    { has: (url: URL) => url.hostname === 'go.brand.example' } as HostsService,
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
    [' https://example.com/', 'https://example.com/'],
    ['\r\n\thttps://example.com/a \n', 'https://example.com/a'],
    ['\u00a0https://example.com/a\u200b\u3000', 'https://example.com/a'],
    ['\ufeffhttps://example.com/', 'https://example.com/'],
    ['https://example.com/a b?c d#e f', 'https://example.com/a%20b?c%20d#e%20f'],
    ['https://example.com/a%20b+c', 'https://example.com/a%20b+c'],
    ['https://example.com/a\u00a0b\u3000c', 'https://example.com/a%C2%A0b%E3%80%80c'],
  ])('takes %s and keeps it in its normal form', (raw, normal) => {
    expect(policy().normalise(raw)).toBe(normal);
  });

  it('refuses further hosts of this service like itself', () => {
    expect(refusal(() => policy().normalise('https://go.brand.example/x'))).toBe('own-host');
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
    ' ',
    ' javascript:alert(1)',
    'mailto:ada@example.com',
    'tel:+4930123456',
    'myapp://open',
    'http:example.com',
    'https://example.com/a\tb',
    'https://example.com/a\nb',
    'https://example.com/a\u0085b',
    'https://example.com/\ud800',
    'https://example.com/\r\nSet-Cookie: a=b',
    'https://example.com/\u0000',
    'https://user:secret@example.com/',
    'https://user@example.com/',
    'https://',
    'https://exa mple.com/',
    `https://${'a.'.repeat(130)}example.com/`,
  ])('refuses %j', (raw) => {
    expect(refusal(() => policy().normalise(raw))).toBe('invalid');
  });

  it.each([
    ['mailto:ada@example.com', 'mailto:ada@example.com'],
    [
      ' MailTo:ada@example.com?subject=Short links ',
      'mailto:ada@example.com?subject=Short%20links',
    ],
    ['mailto:ada@example.com?subject=Grüße', 'mailto:ada@example.com?subject=Gr%C3%BC%C3%9Fe'],
    ['tel:+49 30 123456', 'tel:+49%2030%20123456'],
    ['myapp://settings/my profile', 'myapp://settings/my%20profile'],
    ['myapp://', 'myapp://'],
  ])('takes %j if its scheme is allowed, also when private targets are refused', (raw, normal) => {
    const open = policy(undefined, false, ['mailto', 'tel', 'myapp']);
    expect(refusal(() => open.normalise(raw))).toBe(`accepted ${normal}`);
  });

  it.each([
    'ftp://10.0.0.1/',
    'myapp://127.1/x',
    'myapp://[::1]/x',
    'myapp://localhost:3000/x',
    'myapp://db.internal/x',
  ])('refuses %s when private targets are refused', (raw) => {
    const schemes = ['ftp', 'myapp'];
    expect(refusal(() => policy(undefined, false, schemes).normalise(raw))).toBe('private-target');
    expect(refusal(() => policy(undefined, true, schemes).normalise(raw))).toContain('accepted');
  });

  it.each([
    'mailto:',
    'mailto',
    'mailto:a\nbcc:b@example.com',
    'sms:+4930123456',
    'myapps://open',
    'myapp://ada:secret@host/',
    'javascript:alert(1)',
    'http:example.com',
  ])('refuses %j also where other schemes are allowed', (raw) => {
    const open = policy(undefined, true, ['http', 'mailto', 'myapp']);
    expect(refusal(() => open.normalise(raw))).toBe('invalid');
  });

  it('refuses more than 8,192 characters, also those that appear by encoding', () => {
    const refused = (raw: string) => refusal(() => policy().normalise(raw));
    expect(refused(`https://example.com/${'a'.repeat(8_980)}`)).toBe('too-long');
    expect(refused(`https://example.com/${'ä'.repeat(8_000)}`)).toBe('too-long');
  });

  it.each([
    ['https://go.example.com', 'https://go.example.com/x'],
    ['https://go.example.com', 'http://go.example.com/x'],
    ['https://go.example.com', 'http://GO.EXAMPLE.COM:443/x'],
    ['https://go.example.com', 'https://go.example.com./x'],
    ['https://go.example.com', 'https://g%6F.example.com'],
    ['https://go.example.com', 'http://go.example.com:3000/x'],
    ['https://go.example.com', 'http://localhost:3000/x'],
    ['https://go.example.com', 'http://sub.localhost:3000/x'],
    ['https://go.example.com', `http://${hostname()}:3000/x`],
    ['https://go.example.com:8443', 'http://go.example.com:8443/x'],
    ['https://example.com/go', 'https://example.com/go'],
    ['https://example.com/go', 'https://example.com/go/x'],
    ['https://example.com/go', 'http://example.com/go/x'],
    ['https://example.com/go', 'https://example.com:443/go/'],
    ['https://example.com/go', 'https://EXAMPLE.com./go/x?a#b'],
    ['https://example.com/go', 'https://example.com\\go\\x'],
    ['https://bücher.example/go', 'https://xn--bcher-kva.example/go/x'],
    ['https://xn--bcher-kva.example/go', 'https://BÜCHER.example/go/x'],
    ['https://example.com/ü', 'https://example.com/%C3%BC/x'],
    ['https://example.com/a/go', 'https://example.com/a/go/x'],
    ['https://example.com/go', 'https://example.com/./go/../go/x'],
    ['https://example.com/go', 'https://example.com/%67o/x'],
    ['https://example.com/go', 'https://example.com//go/x'],
    ['https://example.com/go', 'https://example.com/blog/..%2fgo/x'],
    ['https://example.com/go', 'http://example.com:3000/x'],
    ['http://[::1]:8080', 'http://localhost:8080/x'],
  ])('at %s refuses itself as %s', (publicUrl, raw) => {
    expect(refusal(() => policy(publicUrl).normalise(raw))).toBe('own-host');
  });

  it.each([
    ['https://go.example.com', 'https://example.com/x'],
    ['https://go.example.com', 'https://go.example.com:8443/x'],
    ['https://go.example.com', 'https://www.example.com/x'],
    ['https://example.com', 'https://www.example.com/blog'],
    ['https://go.example.com', 'http://localhost:4000/x'],
    ['https://go.example.com:8443', 'https://go.example.com/x'],
    ['https://example.com/go', 'https://example.com/'],
    ['https://example.com/go', 'https://example.com/blog'],
    ['https://example.com/go', 'https://example.com/gopher'],
    ['https://example.com/go', 'https://example.com/go-x'],
    ['https://example.com/go', 'https://example.com/go.html'],
    ['https://example.com/go', 'https://example.com/?to=/go/x'],
    ['https://example.com/go', 'https://example.com/#/go/x'],
    ['https://example.com/go', 'https://example.com/a/go/x'],
    ['https://example.com/go', 'https://example.com/GO/x'],
    ['https://example.com/go', 'https://example.com:8443/go/x'],
    ['https://example.com/go', 'https://go.example.com/go/x'],
    ['https://example.com/a/go', 'https://example.com/a'],
    ['https://example.com/a/go', 'https://example.com/a/blog'],
    ['https://example.com/go', 'https://example.com/%E0%A4%A'],
  ])('at %s takes %s, which it would not answer', (publicUrl, raw) => {
    expect(refusal(() => policy(publicUrl).normalise(raw))).toBe(`accepted ${raw}`);
  });

  it.each([
    [80, 'https://example.com/go', 'http://example.com/blog', 'accepted http://example.com/blog'],
    [
      443,
      'https://example.com/go',
      'https://example.com/blog',
      'accepted https://example.com/blog',
    ],
    [80, 'https://example.com/go', 'http://example.com/go/x', 'own-host'],
    [80, 'https://example.com/go', 'http://localhost/x', 'own-host'],
    [8080, 'https://example.com/go', 'http://example.com:8080/x', 'own-host'],
  ])('listening on port %d, at %s, says of %s: %s', (port, publicUrl, raw, answer) => {
    expect(refusal(() => policy(publicUrl, true, [], port).normalise(raw))).toBe(answer);
  });

  it.each([
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '2130706433',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::127.0.0.1]',
    '0.0.0.0',
    '[::]',
  ])('refuses itself on a laptop under the name %s', (host) => {
    const local = policy('http://localhost:3000');
    expect(refusal(() => local.normalise(`http://${host}:3000/x`))).toBe('own-host');
    expect(refusal(() => local.normalise(`http://${host}:4000/x`))).toContain('accepted');
  });

  it.each([
    [
      'private',
      '10.1.2.3',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.0.1',
      '[fd00::1]',
      '[fc00::1]',
    ],
    ['loopback', '127.0.0.1', '127.255.255.254', '[::1]', 'localhost', 'a.localhost'],
    ['unspecified', '0.0.0.0', '0.1.2.3', '[::]'],
    ['link-local', '169.254.169.254', '[fe80::1]', '[febf::1]'],
    ['site-local', '[fec0::1]', '[feff::1]'],
    ['IPv4 in other words', '0x0a.1.2.3', '0300.0250.0.1', '3232235521', '0xa9fea9fe', '10.1'],
    [
      'IPv4 in IPv6',
      '[::ffff:10.0.0.1]',
      '[::127.0.0.1]',
      '[::10.0.0.1]',
      '[0:0:0:0:0:ffff:a00:1]',
    ],
    ['NAT64', '[64:ff9b::10.0.0.1]', '[64:ff9b:1::1]', '[64:ff9b:1:ffff::1]'],
    ['tunnels', '[2002:a00:1::1]', '[2001::1]', '[2001:0:ffff::1]', '192.88.99.1'],
    ['multicast', '224.0.0.1', '239.255.255.250', '[ff02::1]', '[ff0e::1]'],
    ['reserved', '240.0.0.1', '255.255.255.255', '192.0.0.8', '[100::1]', '[5f00::1]', '[4000::1]'],
    ['carrier-grade NAT', '100.64.0.1', '100.127.255.254'],
    ['benchmarks', '198.18.0.1', '198.19.255.254', '[2001:2::1]'],
    ['documentation', '192.0.2.1', '198.51.100.1', '203.0.113.1', '[2001:db8::1]', '[3fff::1]'],
    ['one label', 'intranet', 'router', 'ai', 'INTRANET.'],
    [
      'company names',
      'git.corp',
      'wiki.intranet',
      'db.private',
      'x.internal',
      'metadata.google.internal',
    ],
    ['home names', 'nas.home', 'fritz.lan', 'printer.local', 'a.localdomain', 'tv.home.arpa'],
    ['special names', 'a.test', 'a.alt', 'a.LOCAL.', 'git.corp.'],
  ])('refuses private targets if told to: %s', (_, ...hosts) => {
    for (const host of hosts) {
      const raw = `http://${host}/`;
      expect([host, refusal(() => policy().normalise(raw))]).toEqual([
        host,
        expect.stringContaining('accepted'),
      ]);
      const strict = policy(undefined, false);
      expect([host, refusal(() => strict.normalise(raw))]).toEqual([host, 'private-target']);
    }
  });

  it.each([
    'http://93.184.216.34/',
    'http://172.32.0.1/',
    'http://100.128.0.1/',
    'http://[2606:2800:220:1::1]/',
    'http://[2a00::1]/',
    'https://corp.example.com/',
    'https://home.arpa.example/',
    'https://localhost.example.com/',
    'https://example.com./',
  ])('lets %s pass when private targets are refused', (raw) => {
    expect(refusal(() => policy(undefined, false).normalise(raw))).toBe(`accepted ${raw}`);
  });
});
