import { describe, expect, it } from '@jest/globals';
import type { RedirectTarget } from '../links/links.types.js';
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
