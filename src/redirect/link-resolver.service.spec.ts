import { beforeEach, describe, expect, it } from '@jest/globals';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { LinkChangesListener } from './link-changes.listener.js';
import { LinkResolverService } from './link-resolver.service.js';
import type { RedirectTarget } from '../links/links.types.js';
import { LookupBatcher } from './lookup-batcher.js';

const targetOf = (url: string): RedirectTarget => ({
  linkId: url,
  url,
  status: 302,
  startsAt: null,
  expiresAt: null,
  maxClicks: null,
  withheld: null,
});

describe(LinkResolverService.name, () => {
  let now: number;
  let database: Map<string, RedirectTarget>;
  let isDown: boolean;
  let queries: string[][];
  let listener: { connectedAt: number; heardAt: number; subscribe: () => void };
  let resolver: LinkResolverService;

  beforeEach(() => {
    now = 1_000_000;
    database = new Map([['a', targetOf('https://a.example/')]]);
    isDown = false;
    queries = [];
    listener = { connectedAt: now, heardAt: now, subscribe: () => undefined };
    const batcher = new LookupBatcher({
      findTargets: (codes: string[]) => {
        queries.push(codes);
        if (isDown) return Promise.reject(new Error('down'));
        return Promise.resolve(new Map([...database].filter(([code]) => codes.includes(code))));
      },
    } as never);
    resolver = new LinkResolverService(
      { cacheSize: 3 } as never,
      batcher,
      listener as unknown as LinkChangesListener,
      { now: () => now },
    );
  });

  const urlOf = async (code: string) => (await resolver.resolve(code))?.url;

  it('asks the database once and answers from memory from then on', async () => {
    expect(resolver.peek('a')).toBeUndefined();
    expect(await urlOf('a')).toBe('https://a.example/');
    expect(resolver.peek('a')?.url).toBe('https://a.example/');
    expect(queries).toHaveLength(1);
  });

  it('keeps codes, and not the requests that they are a part of', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const usedBytes = (): number => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const before = usedBytes();
    const requests = Array.from({ length: 2_000 }, (_, n) => {
      const request = `GET /unknown-code-${n} HTTP/1.1\r\ncookie: ${'x'.repeat(8_000)}${n}`;
      return resolver.resolve(request.slice(5, request.indexOf(' ', 5)));
    });
    await Promise.all(requests);
    requests.length = 0;
    queries = [];
    expect(resolver.peek('unknown-code-7')).toBeNull();
    expect(usedBytes() - before).toBeLessThan(4_000_000);
  });

  it('remembers which codes do not exist, apart from those that do', async () => {
    await resolver.resolve('a');
    for (let n = 0; n < 50; n += 1) await resolver.resolve(`unknown${n}`);
    expect(resolver.peek('unknown7')).toBeNull();
    expect(resolver.peek('a')?.url).toBe('https://a.example/');
  });

  it('makes one query for a thousand visitors of one cold code', async () => {
    await Promise.all(Array.from({ length: 1_000 }, () => resolver.resolve('a')));
    expect(queries).toEqual([['a']]);
  });

  it('asks again after a change', async () => {
    await resolver.resolve('a');
    database.set('a', targetOf('https://new.example/'));
    resolver.onLinkChanged('a');
    expect(await urlOf('a')).toBe('https://new.example/');
  });

  it('finds a code that was unknown a moment ago, once it has been announced', async () => {
    expect(await resolver.resolve('b')).toBeNull();
    database.set('b', targetOf('https://b.example/'));
    resolver.onLinkChanged('b');
    expect(await urlOf('b')).toBe('https://b.example/');
  });

  it('does not keep an answer that a change has overtaken', async () => {
    const asked = resolver.resolve('a');
    await new Promise(setImmediate);
    resolver.onLinkChanged('a');
    await asked;
    expect(resolver.peek('a')).toBeUndefined();
  });

  it('does not keep an answer that everything may have overtaken', async () => {
    const asked = resolver.resolve('a');
    await new Promise(setImmediate);
    resolver.onLinkChanged(undefined);
    await asked;
    expect(resolver.peek('a')).toBeUndefined();
  });

  it('believes an answer from when it was asked for, not from when somebody joined', async () => {
    listener.connectedAt = now + 5;
    const first = resolver.resolve('a');
    now += 5;
    await Promise.all([first, resolver.resolve('a')]);
    // A change before the connection was made may have gone unheard.
    now += 10_000;
    listener.heardAt = now;
    expect(resolver.peek('a')).toBeUndefined();
  });

  it('believes everything to have changed when told so', async () => {
    await resolver.resolve('a');
    now += 1;
    resolver.onLinkChanged(undefined);
    expect(resolver.peek('a')).toBeUndefined();
  });

  it('trusts its memory for as long as changes are heard of', async () => {
    await resolver.resolve('a');
    now += 3_600_000;
    listener.heardAt = now;
    expect(resolver.peek('a')?.url).toBe('https://a.example/');
  });

  it('asks again after ten seconds without word of changes', async () => {
    await resolver.resolve('a');
    now += 9_999;
    expect(resolver.peek('a')).toBeDefined();
    now += 2;
    expect(resolver.peek('a')).toBeUndefined();
  });

  it('asks again for what it learned before the connection was made anew', async () => {
    await resolver.resolve('a');
    now += 60_000;
    listener.connectedAt = listener.heardAt = now;
    expect(resolver.peek('a')).toBeUndefined();
  });

  it('serves what it knew while the database is down, at once and for hours', async () => {
    await resolver.resolve('a');
    isDown = true;
    resolver.onDatabaseReachable(false);
    now += 3_600_000;
    for (let n = 0; n < 100; n += 1) expect(await urlOf('a')).toBe('https://a.example/');
    expect(queries.length).toBeLessThan(5);
  });

  it('asks for a code it never saw although it was told of a failure a moment after a lookup', async () => {
    await resolver.resolve('unknown');
    resolver.onDatabaseReachable(false);
    expect(await urlOf('a')).toBe('https://a.example/');
  });

  it('keeps fewer links if their targets are long', async () => {
    for (const code of ['a', 'b', 'c']) {
      database.set(code, targetOf(`https://${code}.example/${'x'.repeat(100_000)}`));
      await resolver.resolve(code);
    }
    expect([resolver.size, resolver.peek('a')]).toEqual([2, undefined]);
    database.set('d', targetOf(`https://d.example/`.padEnd(262_144, 'x')));
    await resolver.resolve('d');
    expect(resolver.peek('d')).toBeDefined();
  });

  it('fails for codes it never saw while the database is down, and recovers with it', async () => {
    isDown = true;
    await expect(resolver.resolve('a')).rejects.toThrow('down');
    await expect(resolver.resolve('a')).rejects.toThrow('a moment ago');
    isDown = false;
    now += 1_000;
    expect(await urlOf('a')).toBe('https://a.example/');
  });

  it('does not ask again at once for a code whose lookup took long to fail', async () => {
    isDown = true;
    const lookup = resolver.resolve('a');
    now += 900;
    await expect(lookup).rejects.toThrow('down');
    await expect(resolver.resolve('a')).rejects.toThrow('failed a moment ago');
    expect(queries).toEqual([['a']]);
    isDown = false;
    now += 500;
    expect(await urlOf('a')).toBe('https://a.example/');
  });

  it('keeps no more links than it may', async () => {
    for (const code of ['b', 'c', 'd', 'e']) database.set(code, targetOf(code));
    for (const code of database.keys()) await resolver.resolve(code);
    expect(resolver.size).toBe(3);
  });
});
