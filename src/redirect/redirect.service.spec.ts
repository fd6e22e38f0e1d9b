import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ClickRecord } from '../analytics/common/spool-format.js';
import type { LinkOptions, RedirectTarget } from '../links/links.types.js';
import { ClickFactory } from './click.factory.js';
import { type Decision, decide, RedirectService, spendsClick } from './redirect.service.js';
import type { RedirectAnswer } from './redirect.types.js';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const target: RedirectTarget = {
  linkId: '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d',
  url: 'https://example.com/',
  status: 302,
  startsAt: null,
  expiresAt: null,
  maxClicks: null,
  withheld: null,
};

const NO_OPTIONS: LinkOptions = {
  fallbackUrl: null,
  forwardQuery: false,
  forwardPath: false,
  trackClicks: true,
  passwordHash: null,
};

describe(decide, () => {
  it.each<[string, RedirectTarget | null, Decision]>([
    ['an unknown code', null, 'not_found'],
    ['a link', target, 'redirect'],
    ['a deleted link', { ...target, withheld: 'deleted' }, 'gone'],
    ['a disabled link', { ...target, withheld: 'disabled' }, 'disabled'],
    ['a link to a blocked host', { ...target, withheld: 'blocked' }, 'blocked'],
    ['a link before its start', { ...target, startsAt: 1_001 }, 'not_found'],
    ['a link at its start', { ...target, startsAt: 1_000 }, 'redirect'],
    ['a link before its end', { ...target, expiresAt: 1_001 }, 'redirect'],
    ['a link at its end', { ...target, expiresAt: 1_000 }, 'gone'],
    ['a link that is known to be spent', { ...target, maxClicks: 1, spent: true }, 'gone'],
  ])('answers %s', (_, link, decision) => {
    expect(decide(link, 1_000)).toBe(decision);
  });
});

describe(spendsClick, () => {
  it.each([
    ['a person', FIREFOX, true],
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
    expect(spendsClick(FIREFOX, true)).toBe(false);
  });
});

describe(RedirectService.name, () => {
  const NOW = 1_795_000_000_000;
  const link: RedirectTarget = { ...target, status: 307 };
  const limited: RedirectTarget = { ...link, maxClicks: 5 };
  let known: Record<string, RedirectTarget | null>;
  let stored: Record<string, RedirectTarget>;
  let databaseFails: boolean;
  let left: number;
  let lookups: string[];
  let recorded: { click: ClickRecord; answer: () => void }[];
  let outcomes: string[];
  let hits: number;
  let answers: string[];
  let isUnlocked: boolean;

  beforeEach(() => {
    known = { hot: link, limited };
    stored = {};
    databaseFails = false;
    left = 1;
    [lookups, recorded, outcomes, answers] = [[], [], [], []];
    hits = 0;
    isUnlocked = false;
  });

  const fromDatabase = async <T>(value: T): Promise<T> => {
    if (databaseFails) throw new Error('away');
    return value;
  };
  const resolver = {
    peek: (code: string) => known[code],
    noteHit: () => (hits += 1),
    resolve: (code: string) => {
      lookups.push(code);
      return fromDatabase(stored[code] ?? null);
    },
  };
  const budget = {
    spend: () => fromDatabase((left -= 1) >= 0),
    isSpent: () => fromDatabase(left <= 0),
  };

  const hosts = {
    isOnlyDefault: true,
    whenLoaded: () => fromDatabase(undefined),
    find: (host: string | undefined) => (host === 'go.brand.example' ? { host } : undefined),
  };

  /** Asks for it as the route or the fast path does, and lets lookups end. */
  async function ask(
    by: 'route' | 'fast path',
    code: string,
    method = 'GET',
    host = 's.example',
  ): Promise<void> {
    const hasRoute = ({ url }: { url: string }) => url === '/health';
    const service = new RedirectService(
      { httpAdapter: { getInstance: () => ({ hasRoute }) } } as never,
      resolver as never,
      budget as never,
      {
        record: (click: ClickRecord, answer: () => void) => recorded.push({ click, answer }),
      } as never,
      new ClickFactory(
        { trustedProxies: [] } as never,
        { uncountedAddresses: [], respectGpc: false } as never,
      ),
      { count: (outcome: string) => outcomes.push(outcome) } as never,
      { now: () => NOW },
      { open: () => isUnlocked } as never,
      { of: () => undefined } as never,
      hosts as never,
    );
    const redirect = (status: number, location: string) =>
      void answers.push(`${status} ${location}`);
    const answer: RedirectAnswer =
      by === 'route'
        ? { redirect, refuse: (refusal) => void answers.push(refusal) }
        : { redirect, leave: () => void answers.push('left') };
    const headers = { host, 'user-agent': FIREFOX };
    const socket = { remoteAddress: '203.0.113.9' };
    service.follow(code, { method, url: `/${code}?utm_source=mail`, headers, socket }, answer);
    await new Promise((done) => setImmediate(done));
  }

  it.each(['route', 'fast path'] as const)(
    'finds the links of a further host alone by the %s',
    async (by) => {
      hosts.isOnlyDefault = false;
      known['go.brand.example hot'] = { ...link, url: 'https://brand.example/' };
      await ask(by, 'hot', 'HEAD', 'go.brand.example');
      await ask(by, 'hot', 'HEAD', 'another.example');
      await ask(by, 'cold', 'HEAD', 'go.brand.example');
      hosts.isOnlyDefault = true;
      expect(answers.slice(0, 2)).toEqual(['307 https://brand.example/', `307 ${link.url}`]);
      expect(lookups).toEqual(['go.brand.example cold']);
    },
  );

  it.each(['route', 'fast path'] as const)(
    'redirects by the %s as soon as the click is recorded',
    async (by) => {
      stored['cold'] = link;
      await ask(by, 'hot');
      expect(answers).toEqual([]);
      recorded[0]!.answer();
      await ask(by, 'cold');
      recorded[1]!.answer();
      expect(answers).toEqual(['307 https://example.com/', '307 https://example.com/']);
      expect(recorded[0]!.click).toMatchObject({
        linkId: link.linkId,
        clickedAt: NOW,
        address: '203.0.113.9',
        userAgent: FIREFOX,
        query: 'utm_source=mail',
      });
      expect([hits, outcomes, lookups]).toEqual([1, ['redirect', 'redirect'], ['cold']]);
    },
  );

  it.each<[string, RedirectTarget | null, string]>([
    ['a code that does not exist', null, 'not_found'],
    ['a deleted link', { ...link, withheld: 'deleted' }, 'gone'],
    ['a disabled link', { ...link, withheld: 'disabled' }, 'disabled'],
    ['a link to a blocked host', { ...link, withheld: 'blocked' }, 'blocked'],
    ['a link that has ended', { ...link, expiresAt: NOW }, 'gone'],
    ['a link that has not begun', { ...link, startsAt: NOW + 1 }, 'not_found'],
    ['a link that is spent', { ...limited, spent: true }, 'gone'],
  ])('has the route refuse %s, known or not', async (_, other, refusal) => {
    known['other'] = other;
    if (other) stored['cold'] = other;
    for (const by of ['fast path', 'route'] as const) {
      await ask(by, 'other');
      await ask(by, 'cold');
    }
    expect(answers).toEqual(['left', 'left', refusal, refusal]);
    // Only who answers counts.
    expect([hits, recorded]).toEqual([1, []]);
  });

  it('spends the clicks of a link with a limit, and only by the route', async () => {
    await ask('fast path', 'limited');
    expect([answers, left, hits]).toEqual([['left'], 1, 0]);
    await ask('route', 'limited', 'HEAD');
    await ask('route', 'limited');
    recorded[0]!.answer();
    await ask('route', 'limited');
    await ask('route', 'limited', 'HEAD');
    const redirect = '307 https://example.com/';
    expect(answers.slice(1)).toEqual([redirect, redirect, 'gone', 'gone']);
    expect(recorded).toHaveLength(1);
  });

  it('answers links with options by the fast path, too', async () => {
    known['options'] = { ...link, options: { ...NO_OPTIONS, forwardQuery: true } };
    known['untracked'] = { ...link, options: { ...NO_OPTIONS, trackClicks: false } };
    for (const by of ['fast path', 'route'] as const) {
      await ask(by, 'options');
      await ask(by, 'untracked');
    }
    for (const { answer } of recorded) answer();
    const [untracked, tracked] = [
      '307 https://example.com/',
      '307 https://example.com/?utm_source=mail',
    ];
    expect(answers).toEqual([untracked, untracked, tracked, tracked]);
  });

  it('sends on whose link has expired or is spent, without a click', async () => {
    const options = { ...NO_OPTIONS, fallbackUrl: 'https://example.com/late' };
    known['expired'] = { ...link, options, expiresAt: NOW };
    known['spent'] = { ...limited, options, spent: true };
    known['limited'] = { ...limited, options };
    known['deleted'] = { ...link, options, expiresAt: NOW, withheld: 'deleted' };
    left = 0;
    for (const code of ['expired', 'spent']) await ask('fast path', code);
    for (const code of ['expired', 'limited', 'deleted']) await ask('route', code);
    const late = '302 https://example.com/late';
    expect([answers, recorded]).toEqual([[late, late, late, late, 'gone'], []]);
  });

  it('keeps a link with a password for who has unlocked it, and spends no click before', async () => {
    known['locked'] = { ...limited, options: { ...NO_OPTIONS, passwordHash: '$2b$' } };
    await ask('fast path', 'locked');
    await ask('route', 'locked');
    expect([answers, left]).toEqual([['left', 'locked'], 1]);
    isUnlocked = true;
    await ask('fast path', 'locked');
    await ask('route', 'locked');
    recorded[0]!.answer();
    expect([answers.slice(2), left]).toEqual([['left', '307 https://example.com/'], 0]);
  });

  it('has the route tell that the database is away', async () => {
    databaseFails = true;
    for (const by of ['fast path', 'route'] as const) {
      await ask(by, 'cold');
      await ask(by, 'limited');
    }
    expect(answers).toEqual(['left', 'left', 'unavailable', 'unavailable']);
  });

  it.each(['', 'health', 'health/live', 'api/v1/links', 'a.b', '%41', 'hot.', 'hot/', 'hot%20'])(
    'does not look up %j',
    async (code) => {
      await ask('fast path', code);
      await ask('route', code);
      expect([answers, lookups]).toEqual([['left', 'not_found'], []]);
    },
  );
});
