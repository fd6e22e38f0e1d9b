import { describe, expect, it } from '@jest/globals';
import type { RedirectTarget } from '../links/links.types.js';
import { ClientAddress } from './client-address.js';
import { type Decision, decide, spendsClick } from './redirect.policy.js';

const target: RedirectTarget = {
  linkId: 'x',
  url: 'https://example.com/',
  status: 302,
  startsAt: null,
  expiresAt: null,
  maxClicks: null,
  withheld: null,
};

describe(decide, () => {
  it.each<[string, RedirectTarget | null, Decision]>([
    ['an unknown code', null, 'not-found'],
    ['a link', target, 'redirect'],
    ['a deleted link', { ...target, withheld: 'deleted' }, 'gone'],
    ['a disabled link', { ...target, withheld: 'disabled' }, 'gone'],
    ['a link to a blocked host', { ...target, withheld: 'blocked' }, 'gone'],
    ['a link before its start', { ...target, startsAt: 1_001 }, 'not-found'],
    ['a link at its start', { ...target, startsAt: 1_000 }, 'redirect'],
    ['a link before its end', { ...target, expiresAt: 1_001 }, 'redirect'],
    ['a link at its end', { ...target, expiresAt: 1_000 }, 'gone'],
  ])('answers %s', (_, link, decision) => {
    expect(decide(link, 1_000)).toBe(decision);
  });
});

describe(spendsClick, () => {
  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64) Chrome/120', false, true],
    ['curl/8.5.0', false, true],
    ['', false, true],
    ['Mozilla/5.0 (X11; Linux x86_64) Chrome/120', true, false],
    ['Slackbot-LinkExpanding 1.0', false, false],
    ['WhatsApp/2.23.20.0', false, false],
    ['Snap URL Preview Service; bot; snapchat', false, false],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Snapchat/13.2 (like Safari)', false, true],
    ['facebookexternalhit/1.1', false, false],
    ['Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)', false, false],
  ])('%j with prefetch %s: %s', (agent, isPrefetch, spends) => {
    expect(spendsClick(agent, isPrefetch)).toBe(spends);
  });
});

describe(ClientAddress.name, () => {
  const from = (remoteAddress: string, forwarded?: string) =>
    ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as never;
  const address = new ClientAddress(['10.0.0.0/8', '::1', '192.0.2.7']);

  it('is that of the connection when nobody is trusted', () => {
    expect(new ClientAddress([]).of(from('203.0.113.9', '1.2.3.4'))).toBe('203.0.113.9');
  });

  it('is that of the connection when its peer is not trusted', () => {
    expect(address.of(from('203.0.113.9', '1.2.3.4'))).toBe('203.0.113.9');
  });

  it('is what the last trusted proxy saw, not what the visitor claimed', () => {
    expect(address.of(from('10.0.0.1', '6.6.6.6, 203.0.113.9, 10.2.3.4'))).toBe('203.0.113.9');
  });

  it.each([
    ['::ffff:10.0.0.1', '203.0.113.9:4711', '203.0.113.9'],
    ['::1', '[2001:db8::1]:443', '2001:db8::1'],
    ['192.0.2.7', 'unknown', '192.0.2.7'],
    ['10.0.0.1', undefined, '10.0.0.1'],
    ['10.0.0.1', '10.0.0.2', '10.0.0.2'],
    ['10.0.0.1', '203.0.113.9,', '10.0.0.1'],
    ['10.0.0.1', '203.0.113.9 , 10.1.1.1,10.2.2.2', '203.0.113.9'],
    ['10.0.0.1', 'fe80::1%eth0', 'fe80::1%eth0'],
    ['::ffff:203.0.113.9', '1.2.3.4', '203.0.113.9'],
  ])('of %s forwarding %s is %s', (peer, forwarded, expected) => {
    expect(address.of(from(peer, forwarded))).toBe(expected);
  });
});
