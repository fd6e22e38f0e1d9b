import { describe, expect, it } from '@jest/globals';
import { normalHost } from './normal-host.js';

describe(normalHost, () => {
  it.each([
    ['Evil.Example', 'evil.example'],
    ['evil.example.', 'evil.example'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['BÜCHER.example', 'xn--bcher-kva.example'],
    ['e%76il.example', 'evil.example'],
    ['127.1', '127.0.0.1'],
    ['0x7f000001', '127.0.0.1'],
    ['2001:DB8:0:0::1', '[2001:db8::1]'],
    ['[2001:db8::1]', '[2001:db8::1]'],
    ['zip', 'zip'],
  ])('makes %s what it is in a URL', (text, host) => {
    expect(normalHost(text)).toBe(host);
  });

  it.each([
    '',
    '.',
    'evil.example:80',
    '[::1]:80',
    'user@evil.example',
    'evil.example/path',
    'evil.example\\path',
    'evil.example?',
    'evil.example#',
    'evil example',
    'evil\n.example',
    'https://evil.example',
    '[::1',
    '256.1.1.1',
    '*.evil.example',
    'a%2fb',
    'a'.repeat(254),
  ])('takes %j for no host', (text) => {
    expect(normalHost(text)).toBeUndefined();
  });
});
