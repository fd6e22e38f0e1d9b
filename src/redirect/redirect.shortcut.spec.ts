import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ClickRecord } from '../analytics/recording/spool.types.js';
import type { RedirectTarget } from '../links/links.types.js';
import { ClickCaptor } from './click-captor.js';
import { RedirectShortcut } from './redirect.shortcut.js';

const NOW = 1_795_000_000_000;
const link: RedirectTarget = {
  linkId: '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d',
  url: 'https://example.com/',
  status: 307,
  startsAt: null,
  expiresAt: null,
  maxClicks: null,
  withheld: null,
};

describe(RedirectShortcut.name, () => {
  let known: Record<string, RedirectTarget | null>;
  let stored: Record<string, RedirectTarget>;
  let databaseFails: boolean;
  let lookups: string[];
  let recorded: { click: ClickRecord; answer: () => void }[];
  let outcomes: string[];
  let hits: number;
  let lifecycle: { isStopping: boolean };
  let answers: string[];

  beforeEach(() => {
    known = { hot: link };
    stored = {};
    databaseFails = false;
    lookups = [];
    recorded = [];
    outcomes = [];
    hits = 0;
    lifecycle = { isStopping: false };
    answers = [];
  });

  const resolver = {
    peek: (code: string) => known[code],
    noteHit: () => (hits += 1),
    resolve: async (code: string) => {
      lookups.push(code);
      if (databaseFails) throw new Error('away');
      return stored[code] ?? null;
    },
  };

  /** Asks for it, and lets its lookup end. */
  async function ask(url: string): Promise<void> {
    const shortcut = new RedirectShortcut(
      {
        httpAdapter: {
          getInstance: () => ({ hasRoute: ({ url: path }: { url: string }) => path === '/health' }),
        },
      } as never,
      resolver as never,
      {
        record: (click: ClickRecord, answer: () => void) => recorded.push({ click, answer }),
      } as never,
      new ClickCaptor({ trustedProxies: [] } as never),
      { count: (outcome: string) => outcomes.push(outcome) } as never,
      { now: () => NOW },
      lifecycle as never,
      { publicUrl: 'https://s.example' } as never,
      { admit: () => true } as never,
    );
    shortcut.handle(
      { url, headers: { 'user-agent': 'Firefox' }, socket: { remoteAddress: '203.0.113.9' } },
      {
        redirect: (status, location) => answers.push(`${status} ${location}`),
        leave: () => answers.push('left'),
      },
    );
    await new Promise((done) => setImmediate(done));
  }

  it('redirects to a link in memory as soon as its click is recorded', async () => {
    await ask('/hot?utm_source=mail');
    expect(answers).toEqual([]);
    recorded[0]!.answer();
    expect(answers).toEqual(['307 https://example.com/']);
    expect(recorded[0]!.click).toMatchObject({
      linkId: link.linkId,
      clickedAt: NOW,
      address: '203.0.113.9',
      userAgent: 'Firefox',
      query: 'utm_source=mail',
    });
    expect([hits, outcomes, lookups]).toEqual([1, ['redirect'], []]);
  });

  it('looks up a link that is not in memory, and redirects to it', async () => {
    stored['cold'] = link;
    await ask('/cold');
    recorded[0]!.answer();
    expect(answers).toEqual(['307 https://example.com/']);
    expect([hits, outcomes, lookups]).toEqual([0, ['redirect'], ['cold']]);
  });

  it.each<[string, RedirectTarget | null]>([
    ['a code that does not exist', null],
    ['a link with a click limit', { ...link, maxClicks: 5 }],
    ['a deleted link', { ...link, withheld: 'deleted' }],
    ['a disabled link', { ...link, withheld: 'disabled' }],
    ['a link to a blocked host', { ...link, withheld: 'blocked' }],
    ['a link that has ended', { ...link, expiresAt: NOW }],
    ['a link that has not begun', { ...link, startsAt: NOW + 1 }],
  ])('leaves %s to the route, known or not', async (_, target) => {
    known['other'] = target;
    if (target) stored['cold'] = target;
    await ask('/other');
    await ask('/cold');
    expect(answers).toEqual(['left', 'left']);
    expect([hits, recorded]).toEqual([0, []]);
  });

  it('leaves a link that cannot be looked up to the route', async () => {
    databaseFails = true;
    await ask('/cold');
    expect(answers).toEqual(['left']);
  });

  it.each([
    '/',
    '/health',
    '/health?verbose',
    '/health/live',
    '/api/v1/links',
    '/a.b',
    '/%41',
    '/hot.',
    '/hot/',
    '/hot%20',
  ])('does not look up %s', async (url) => {
    await ask(url);
    expect(answers).toEqual(['left']);
    expect(lookups).toEqual([]);
  });

  it('leaves everything to the framework while the process stops', async () => {
    lifecycle.isStopping = true;
    await ask('/hot');
    expect(answers).toEqual(['left']);
  });
});
