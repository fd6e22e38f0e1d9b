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
  const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
  it.each([
    ['a person', firefox, true],
    [
      'a person in an app',
      'Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) QtWebEngine/5.6.0 Chrome/45.0.2454.101 Safari/537.36 Viber',
      true,
    ],
    ['a tool', 'curl/8.5.0', true],
    ['a script', 'python-requests/2.31.0', true],
    ['who says nothing', '', true],
    ['a preview', 'mattermost-bot/1.1', false],
    ['a preview made with a library', 'http.rb/5.1.1 (Mastodon/4.2.1; +https://m.example/)', false],
    [
      'a crawler',
      'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
      false,
    ],
    ['a program nobody knows', 'SomeService/1.0', false],
  ])('is the click of %s (%j): %s', (_, userAgent, spends) => {
    expect(spendsClick(userAgent, false)).toBe(spends);
  });

  it('is not what a browser fetches ahead', () => {
    expect(spendsClick(firefox, true)).toBe(false);
  });
});
