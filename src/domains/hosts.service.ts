import { setTimeout as sleep } from 'node:timers/promises';
import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { ServerConfig } from '../../config/server.config.js';
import { hostOf, normalHost } from '../common/normal-host.js';
import { DatabaseStatus } from '../platform/database/database-status.js';
import { DomainsRepository } from './domains.repository.js';
import type { VerifiedDomain } from './domains.types.js';

const RETRY_MS = 500;
/** Whoever changes a domain makes every process read all of them: not more often than that. */
const MIN_INTERVAL_MS = 100;
/** A visitor is waiting. */
const FIRST_LOAD_MS = 450;
/** Of Host headers as they were sent; anybody may send anything. */
const MAX_SPELLINGS = 1_000;
const PORT = /:\d*$/;

/**
 * The hosts that this process answers for: the default one, that of PUBLIC_URL, and all verified domains,
 * which are in memory. Whoever hears of changes calls `reload`.
 */
@Injectable()
export class HostsService implements OnApplicationBootstrap, OnApplicationShutdown {
  /** Whether no host but the default one is known to have links: then nobody needs to look at hosts. */
  isOnlyDefault = false;

  private readonly logger = new Logger(HostsService.name);
  private readonly stop = new AbortController();
  private readonly publicUrl: URL;
  private readonly defaultHost: string;
  private domains: ReadonlyMap<string, VerifiedDomain> | undefined;
  /** What was found for a Host header as it was sent, so that most need not be normalised. */
  private readonly spellings = new Map<string, VerifiedDomain | null>();
  private isOutdated = false;
  private isFailing = false;
  /** Monotonic, in milliseconds. */
  private nextReadAt = 0;
  private loading: Promise<void> | undefined;

  constructor(
    private readonly server: ServerConfig,
    private readonly repository: DomainsRepository,
    private readonly database: DatabaseStatus,
  ) {
    this.publicUrl = new URL(server.publicUrl);
    this.defaultHost = hostOf(this.publicUrl);
  }

  onApplicationBootstrap(): void {
    void this.database.whenReady().then(() => this.reload());
  }

  onApplicationShutdown(): void {
    this.stop.abort();
  }

  /** Reads the domains again, however often that has to be tried. */
  reload(): void {
    this.isOutdated = true;
    this.loading ??= this.load().finally(() => (this.loading = undefined));
  }

  get isLoaded(): boolean {
    return this.domains !== undefined;
  }

  /** Rejects if the domains cannot be read in the time that a visitor can wait. */
  async whenLoaded(): Promise<void> {
    if (this.isLoaded) return;
    const isTooLate = sleep(FIRST_LOAD_MS, undefined, { ref: false });
    await Promise.race([this.loading, isTooLate]);
    if (!this.isLoaded) throw new Error('The domains have not been read yet.');
  }

  /** The verified domain that a Host header names; undefined for the default host and unknown ones. */
  find(host: string | undefined): VerifiedDomain | undefined {
    if (host === undefined) return undefined;
    const known = this.spellings.get(host);
    if (known !== undefined) return known ?? undefined;
    const name = normalHost(host.replace(PORT, ''));
    const found = (name !== undefined && this.domains?.get(name)) || null;
    if (this.spellings.size >= MAX_SPELLINGS) this.spellings.clear();
    // A part of a string would keep the whole of it, here the request, in V8.
    this.spellings.set(Buffer.from(host, 'latin1').toString('latin1'), found);
    return found ?? undefined;
  }

  /** Whether a URL is on a verified domain, at the port where this service is reached. */
  has(url: URL): boolean {
    const isHere = ['', '80', '443', this.publicUrl.port].includes(url.port);
    return isHere && (this.domains?.has(hostOf(url)) ?? false);
  }

  /** Whether it is the host of PUBLIC_URL. */
  isDefault(host: string): boolean {
    return host === this.defaultHost;
  }

  /**
   * What links have for `domain`: the normal form of the host, empty for the default one. Undefined if the
   * text is no host.
   */
  domainOf(text: string | null | undefined): string | undefined {
    if (text === null || text === undefined || text.toLowerCase() === this.publicUrl.host)
      return '';
    const host = normalHost(text);
    return host !== undefined && this.isDefault(host) ? '' : host;
  }

  /** The host that stands in short URLs. */
  nameOf(domain: string): string {
    return domain || this.publicUrl.host;
  }

  /** Where a short code is answered. */
  shortUrl(domain: string, code: string): string {
    if (domain === '') return `${this.server.publicUrl}/${code}`;
    const { protocol, port } = this.publicUrl;
    return `${protocol}//${domain}${port && `:${port}`}/${code}`;
  }

  private async load(): Promise<void> {
    while (this.isOutdated && !this.stop.signal.aborted) {
      const pause = Math.max(0, this.nextReadAt - performance.now());
      if (pause > 0) {
        await sleep(pause, undefined, { signal: this.stop.signal }).catch(() => undefined);
      }
      this.isOutdated = false;
      const isRead = await this.read();
      this.nextReadAt = performance.now() + (isRead ? MIN_INTERVAL_MS : RETRY_MS);
      if (!isRead) this.isOutdated = true;
    }
  }

  private async read(): Promise<boolean> {
    try {
      const found = await this.repository.findVerified();
      const others = found.filter(({ host }) => !this.isDefault(host));
      this.domains = new Map(others.map((domain) => [domain.host, domain]));
      this.isOnlyDefault = others.length === 0;
      this.spellings.clear();
      this.isFailing = false;
      return true;
    } catch (error) {
      // Once, however long the database is away.
      if (!this.isFailing && !this.stop.signal.aborted) {
        this.logger.warn(`Cannot read the domains: ${(error as Error).message}`);
      }
      this.isFailing = true;
      return false;
    }
  }
}
