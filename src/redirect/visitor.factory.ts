import { createHmac, hkdfSync } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuthConfig } from '../../config/auth.config.js';
import { ServerConfig } from '../../config/server.config.js';
import { type Agent, AgentCache } from '../common/user-agent.js';
import { preferredLanguage, referrerHost } from '../common/visitor-headers.js';
import type { Visitor } from '../links/link-rules.types.js';
import { ClientAddress } from '../platform/http/client-address.js';
import { languagesOf, referrerOf, userAgentOf } from './click.factory.js';
import type { VisitorRequest } from './redirect.types.js';
import { VisitorCountries } from './visitor-countries.js';

const MAX_AGENTS = 1_000;
/** No more are looked at: nobody has so many, and each takes time. */
const MAX_PARAMETERS = 100;
const DAY_MS = 24 * 60 * 60_000;
/** Of a hash: so many bits as a number has exactly. */
const SHARE_BYTES = 6;

/** Finds out what rules ask of a visitor: when they ask, and by what reports find it out by, too. */
@Injectable()
export class VisitorFactory {
  private readonly addresses: ClientAddress;
  private readonly agents = new AgentCache(MAX_AGENTS);
  private readonly secret: Uint8Array;
  private key = { day: -1, bytes: Buffer.alloc(0) };

  constructor(
    server: ServerConfig,
    auth: AuthConfig,
    private readonly countries: VisitorCountries,
  ) {
    this.addresses = new ClientAddress(server.trustedProxies);
    this.secret = new Uint8Array(hkdfSync('sha256', auth.jwtSecret, '', 'signpost/split/v1', 32));
  }

  /**
   * @param now Unix milliseconds
   * @param country if it is known already
   */
  of(request: VisitorRequest, now: number, country?: string): Visitor {
    return new RequestVisitor(this, request, now, country === undefined ? undefined : { country });
  }

  agentOf({ headers }: VisitorRequest): Agent {
    return this.agents.find(userAgentOf(headers));
  }

  countryOf(request: VisitorRequest): string | undefined {
    return this.countries.find(this.addresses.of(request));
  }

  /**
   * By a keyed hash of what visitors are told apart by, which is kept nowhere. All processes have the
   * same key, which is another one every day (UTC): so a visitor is the same for a day only.
   */
  shareOf(request: VisitorRequest, now: number, linkId: string): number {
    const hash = createHmac('sha256', this.keyOf(Math.floor(now / DAY_MS)))
      .update(`${this.addresses.of(request)}\0${userAgentOf(request.headers)}\0${linkId}`)
      .digest();
    return hash.readUIntBE(0, SHARE_BYTES) / 2 ** (8 * SHARE_BYTES);
  }

  private keyOf(day: number): Buffer {
    if (this.key.day !== day) {
      this.key = { day, bytes: createHmac('sha256', this.secret).update(String(day)).digest() };
    }
    return this.key.bytes;
  }
}

/** What is asked for is found out once. */
class RequestVisitor implements Visitor {
  private agent: Agent | undefined;
  private preference: { language: string | undefined } | undefined;
  private referrer: { host: string | undefined } | undefined;
  private parameters: Map<string, Set<string>> | undefined;

  constructor(
    private readonly visitors: VisitorFactory,
    private readonly request: VisitorRequest,
    readonly now: number,
    private place?: { country: string | undefined },
  ) {}

  get device(): string | undefined {
    return (this.agent ??= this.visitors.agentOf(this.request)).device;
  }

  get os(): string | undefined {
    return (this.agent ??= this.visitors.agentOf(this.request)).os;
  }

  get country(): string | undefined {
    return (this.place ??= { country: this.visitors.countryOf(this.request) }).country;
  }

  get language(): string | undefined {
    return (this.preference ??= {
      language: preferredLanguage(languagesOf(this.request.headers['accept-language'])),
    }).language;
  }

  get query(): ReadonlyMap<string, ReadonlySet<string>> {
    return (this.parameters ??= parametersOf(this.request.url));
  }

  get referrerHost(): string | undefined {
    return (this.referrer ??= { host: referrerHost(referrerOf(this.request.headers.referer)) })
      .host;
  }

  shareOf(linkId: string): number {
    return this.visitors.shareOf(this.request, this.now, linkId);
  }
}

function parametersOf(url: string): Map<string, Set<string>> {
  const parameters = new Map<string, Set<string>>();
  const start = url.indexOf('?') + 1;
  if (start === 0) return parameters;
  const query = url.slice(start).split('&', MAX_PARAMETERS).join('&');
  for (const [name, value] of new URLSearchParams(query)) {
    const values = parameters.get(name);
    if (values) values.add(value);
    else parameters.set(name, new Set([value]));
  }
  return parameters;
}
