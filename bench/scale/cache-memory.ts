import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { LinksConfig } from '../../config/links.config.js';
import { Clock } from '../../src/common/clock.js';
import type { DatabaseConnection } from '../../src/platform/database/connection.js';
import type { LinkChangesListener } from '../../src/redirect/link-changes.listener.js';
import { LinkResolverService } from '../../src/redirect/link-resolver.service.js';
import { LookupBatcher } from '../../src/redirect/lookup-batcher.js';
import { RedirectTargetsRepository } from '../../src/redirect/redirect-targets.repository.js';
import { VisitorCountries } from '../../src/redirect/visitor-countries.js';
import { codeOf } from './link-set.ts';

const AT_ONCE = 2_000;

export interface CacheMemory {
  cachedLinks: number;
  /** Heap and buffers, after garbage collection. */
  bytesPerLink: number;
  knownMisses: number;
  bytesPerKnownMiss: number;
}

/** Fills the cache of the service itself, in this process, and weighs it. */
export async function measureCacheMemory(url: string, links: number): Promise<CacheMemory> {
  const connection = { target: { connectionString: url } } as unknown as DatabaseConnection;
  const targets = new RedirectTargetsRepository(connection, new VisitorCountries({}));
  const resolver = new LinkResolverService(
    { cacheSize: links } as LinksConfig,
    new LookupBatcher(targets),
    { connectedAt: -Infinity, heardAt: Infinity, subscribe() {} } as unknown as LinkChangesListener,
    new Clock(),
  );
  try {
    const empty = usedBytes();
    await resolveCodes(resolver, 0, links);
    const full = usedBytes();
    const knownMisses = 20_000;
    // The numbers from the middle of all codes on belong to no link.
    await resolveCodes(resolver, 700_000_000_000, knownMisses);
    const withMisses = usedBytes();
    if (resolver.size !== links) throw new Error(`${resolver.size} links are in the cache`);
    return {
      cachedLinks: links,
      bytesPerLink: Math.round((full - empty) / links),
      knownMisses,
      bytesPerKnownMiss: Math.round((withMisses - full) / knownMisses),
    };
  } finally {
    await targets.onApplicationShutdown();
  }
}

async function resolveCodes(
  resolver: LinkResolverService,
  first: number,
  count: number,
): Promise<void> {
  for (let at = 0; at < count; at += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - at) }, (_, n) =>
      resolver.resolve(codeOf(first + at + n)),
    );
    await Promise.all(some);
  }
}

function usedBytes(): number {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  for (let times = 0; times < 3; times += 1) collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
