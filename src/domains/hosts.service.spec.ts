import { beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { ServerConfig } from '../../config/server.config.js';
import type { DatabaseStatus } from '../platform/database/database-status.js';
import type { DomainsRepository } from './domains.repository.js';
import type { VerifiedDomain } from './domains.types.js';
import { HostsService } from './hosts.service.js';

const domain = (host: string): VerifiedDomain => ({
  host,
  rootRedirectUrl: null,
  notFoundRedirectUrl: null,
});

describe(HostsService.name, () => {
  let stored: VerifiedDomain[];
  let failures: number;
  let reads: number;
  let hosts: HostsService;

  beforeEach(() => {
    Logger.overrideLogger(false);
    [stored, failures, reads] = [[], 0, 0];
    hosts = serviceAt('https://go.example.com');
  });

  const serviceAt = (publicUrl: string): HostsService =>
    new HostsService(
      { publicUrl } as ServerConfig,
      {
        findVerified: async () => {
          reads += 1;
          if (failures > 0) {
            failures -= 1;
            throw new Error('away');
          }
          return stored;
        },
      } as unknown as DomainsRepository,
      { whenReady: async () => undefined } as unknown as DatabaseStatus,
    );
  async function load(...names: string[]): Promise<void> {
    stored = names.map(domain);
    hosts.reload();
    await hosts.whenLoaded();
    await (hosts as unknown as { loading?: Promise<void> }).loading;
  }

  async function until(isSo: () => boolean): Promise<void> {
    const deadline = Date.now() + 2_000;
    while (!isSo() && Date.now() < deadline) await new Promise((done) => setTimeout(done, 10));
  }

  it('says that nobody needs to look at hosts, once it knows that there is but one', async () => {
    expect(hosts.isOnlyDefault).toBe(false);
    await load();
    expect(hosts.isOnlyDefault).toBe(true);
    await load('go.brand.example');
    expect(hosts.isOnlyDefault).toBe(false);
  });

  it.each([
    ['go.brand.example', true],
    ['GO.Brand.Example:8080', true],
    ['go.brand.example.', true],
    ['go.brand.example.:', true],
    ['%67o.brand.example', true],
    ['brand.example', false],
    ['x.go.brand.example', false],
    ['go.brand.example.evil.example', false],
    ['go.example.com', false],
    ['[::1]:80', false],
    ['127.0.0.1', false],
    ['%', false],
    ['', false],
    [undefined, false],
  ])('finds for the Host %j the domain: %s', async (host, isKnown) => {
    await load('go.brand.example');
    // The second time from memory.
    expect([1, 2].map(() => hosts.find(host)?.host === 'go.brand.example')).toEqual([
      isKnown,
      isKnown,
    ]);
  });

  it('believes no spelling longer than until the domains change', async () => {
    await load('go.brand.example');
    expect(hosts.find('GO.brand.example')).toBeDefined();
    expect(hosts.find('GO.other.example')).toBeUndefined();
    await load('go.other.example');
    expect(hosts.find('GO.brand.example')).toBeUndefined();
    expect(hosts.find('GO.other.example')).toBeDefined();
  });

  it('remembers a thousand spellings and no more, whatever is sent', async () => {
    await load('go.brand.example');
    for (let n = 0; n < 5_000; n += 1) hosts.find(`made-up-${n}.example`);
    expect(
      (hosts as unknown as { spellings: Map<string, unknown> }).spellings.size,
    ).toBeLessThanOrEqual(1_000);
    expect(hosts.find('go.brand.example')).toBeDefined();
  });

  it('is the default host itself where a domain has become that of PUBLIC_URL', async () => {
    await load('go.example.com');
    expect([hosts.isOnlyDefault, hosts.find('go.example.com')]).toEqual([true, undefined]);
  });

  it('lets the first visitor wait for what cannot be read yet, but not for long', async () => {
    failures = 1;
    hosts.reload();
    await expect(hosts.whenLoaded()).rejects.toThrow('have not been read');
    hosts.onApplicationShutdown();
  });

  it('reads them once for many changes that come at the same time', async () => {
    await load('go.brand.example');
    for (let n = 0; n < 50; n += 1) {
      hosts.reload();
      await new Promise((done) => setImmediate(done));
    }
    await load('go.other.example');
    expect(hosts.find('go.other.example')).toBeDefined();
    expect(reads).toBeLessThan(5);
  });

  it('tries again, and keeps what it has until then', async () => {
    await load('go.brand.example');
    failures = 1;
    stored = [domain('go.other.example')];
    hosts.reload();
    await until(() => failures === 0);
    expect(hosts.find('go.brand.example')).toBeDefined();
    await until(() => hosts.find('go.other.example') !== undefined);
    expect([hosts.find('go.other.example')?.host, reads]).toEqual(['go.other.example', 3]);
  });

  it.each([
    ['https://go.example.com', '', 'https://go.example.com/x'],
    ['https://go.example.com', 'go.brand.example', 'https://go.brand.example/x'],
    ['http://localhost:3000', 'go.brand.example', 'http://go.brand.example:3000/x'],
    ['https://example.com/go', '', 'https://example.com/go/x'],
    ['https://example.com/go', 'go.brand.example', 'https://go.brand.example/x'],
  ])('at %s has for the domain %j the short URL %s', (publicUrl, name, shortUrl) => {
    expect(serviceAt(publicUrl).shortUrl(name, 'x')).toBe(shortUrl);
  });

  it.each([
    [null, ''],
    [undefined, ''],
    ['GO.example.com', ''],
    ['go.example.com.', ''],
    ['Go.Brand.example', 'go.brand.example'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['go.brand.example:443', undefined],
    ['https://go.brand.example', undefined],
    ['', undefined],
  ])('takes %j for the domain %j', (text, name) => {
    expect(hosts.domainOf(text)).toBe(name);
  });
});
