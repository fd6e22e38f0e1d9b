import { createServer, type IncomingMessage, ServerResponse } from 'node:http';
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
  deleted: false,
};

describe(RedirectShortcut.name, () => {
  let known: Record<string, RedirectTarget | null>;
  let recorded: { click: ClickRecord; answer: () => void }[];
  let outcomes: string[];
  let hits: number;
  let lifecycle: { isStopping: boolean };
  let leftToFramework: string[];

  beforeEach(() => {
    known = { hot: link };
    recorded = [];
    outcomes = [];
    hits = 0;
    lifecycle = { isStopping: false };
    leftToFramework = [];
  });

  /** What becomes of the request, once its click is recorded. */
  function ask(url: string, method = 'GET'): { status: number; head: string } | undefined {
    const server = createServer(({ url: left }) => leftToFramework.push(left!));
    new RedirectShortcut(
      { httpAdapter: { getHttpServer: () => server } } as never,
      { peek: (code: string) => known[code], noteHit: () => (hits += 1) } as never,
      {
        record: (click: ClickRecord, answer: () => void) => recorded.push({ click, answer }),
      } as never,
      new ClickCaptor({ trustedProxies: [] } as never),
      { count: (outcome: string) => outcomes.push(outcome) } as never,
      { now: () => NOW },
      lifecycle as never,
    ).onModuleInit();
    const request = {
      method,
      url,
      headers: { 'user-agent': 'Firefox' },
      socket: { remoteAddress: '203.0.113.9' },
    } as IncomingMessage;
    const response = new ServerResponse(request);
    server.emit('request', request, response);
    const last = recorded.at(-1);
    if (!last) return undefined;
    expect(response.headersSent).toBe(false);
    last.answer();
    return {
      status: response.statusCode,
      head: Reflect.get(response, '_header') as string,
    };
  }

  it('redirects to a link in memory as soon as its click is recorded', () => {
    const { status, head } = ask('/hot?utm_source=mail')!;
    expect(status).toBe(307);
    expect(head).toMatch(/^location: https:\/\/example.com\/\r$/m);
    expect(head).toMatch(/^cache-control: private, no-store\r$/m);
    expect(recorded[0]!.click).toMatchObject({
      linkId: link.linkId,
      clickedAt: NOW,
      address: '203.0.113.9',
      userAgent: 'Firefox',
      query: 'utm_source=mail',
    });
    expect([hits, outcomes, leftToFramework]).toEqual([1, ['redirect'], []]);
  });

  it.each([
    ['a link that is not in memory', undefined],
    ['a code that does not exist', null],
    ['a link with a click limit', { ...link, maxClicks: 5 }],
    ['a deleted link', { ...link, deleted: true }],
    ['a link that has ended', { ...link, expiresAt: NOW }],
    ['a link that has not begun', { ...link, startsAt: NOW + 1 }],
  ])('leaves %s to the route', (_, target) => {
    if (target !== undefined) known['other'] = target;
    expect(ask('/other')).toBeUndefined();
    expect([hits, leftToFramework]).toEqual([0, ['/other']]);
  });

  it.each(['HEAD', 'POST'])('leaves %s to the framework', (method) => {
    expect(ask('/hot', method)).toBeUndefined();
    expect(leftToFramework).toEqual(['/hot']);
  });

  it('leaves everything to the framework while the process stops', () => {
    lifecycle.isStopping = true;
    expect(ask('/hot')).toBeUndefined();
    expect(leftToFramework).toEqual(['/hot']);
  });
});
