import { BlockList, isIP } from 'node:net';
import { hostname } from 'node:os';
import { Injectable } from '@nestjs/common';
import { LinksConfig } from '../../config/links.config.js';
import { ServerConfig } from '../../config/server.config.js';
import { hostOf, MAX_HOST_LENGTH, normalHost } from '../common/normal-host.js';
import { parseUrl } from '../common/parse-url.js';
import { trimmed } from '../common/validation/text.rules.js';
import { HostsService } from '../domains/hosts.service.js';

export const MAX_URL_LENGTH = 8192;

/** With an authority, as they are always meant to have one. */
const WEB_URL = /^https?:\/\//i;

/** Thrown for a target that a short link must not have; the message says what is expected. */
export class TargetRefused extends Error {
  constructor(
    readonly code: 'invalid' | 'too-long' | 'own-host' | 'private-target',
    message: string,
  ) {
    super(message);
  }
}

/** Decides which URLs a short link may lead to. It never resolves or fetches anything. */
@Injectable()
export class TargetUrlPolicy {
  private readonly publicUrl: URL;
  private readonly publicPath: string;
  private readonly machineNames: string[];
  private readonly port: string;

  constructor(
    server: ServerConfig,
    private readonly links: LinksConfig,
    private readonly hosts: HostsService,
  ) {
    this.publicUrl = new URL(server.publicUrl);
    this.publicPath = pathOf(this.publicUrl).replace(/\/$/, '');
    this.machineNames = [
      nameOf(this.publicUrl),
      hostname().toLowerCase(),
      bare(normalHost(server.host) ?? ''),
    ];
    this.port = String(server.port);
  }

  /**
   * The URL in its normal form (WHATWG URL Standard). As in a browser, space around it is nothing and
   * space inside is percent-encoded.
   * @throws TargetRefused
   */
  normalise(raw: string): string {
    if (raw.length > MAX_URL_LENGTH) throw tooLong();
    const text = trimmed(raw);
    // The URL parser drops tabs and newlines, so "java\nscript:" has to be seen before it is parsed.
    if (/[\p{Cc}\p{Cs}]/u.test(text)) {
      throw new TargetRefused('invalid', 'must not contain control characters');
    }
    const isWeb = WEB_URL.test(text);
    const url = isWeb || this.hasAllowedScheme(text) ? parsedTarget(text) : undefined;
    if (!url) throw new TargetRefused('invalid', `must be ${this.whatIsExpected()}`);
    if (url.username || url.password) {
      throw new TargetRefused('invalid', 'must not contain a user name or password');
    }
    if (hostOf(url).length > MAX_HOST_LENGTH) {
      throw new TargetRefused('invalid', `must have a host of 1 to ${MAX_HOST_LENGTH} characters`);
    }
    if (url.href.length > MAX_URL_LENGTH) throw tooLong();
    if (isWeb && this.isOwn(url)) {
      throw new TargetRefused('own-host', 'must not lead back to this service');
    }
    if (!this.links.allowPrivateTargets && (isWeb ? isPrivate(nameOf(url)) : isPrivateOfApp(url))) {
      throw new TargetRefused('private-target', 'must not lead to a private or local address');
    }
    return url.href;
  }

  private hasAllowedScheme(text: string): boolean {
    const scheme = /^([a-z][a-z0-9+.-]*):./i.exec(text)?.[1]?.toLowerCase();
    if (scheme === undefined || /^https?$/.test(scheme)) return false;
    return this.links.allowedTargetSchemes.includes(scheme);
  }

  private whatIsExpected(): string {
    const others = this.links.allowedTargetSchemes.map((scheme) => `${scheme}:`);
    const web = 'an absolute http:// or https:// URL';
    return others.length === 0 ? web : `${web}, or one that begins with ${others.join(' or ')}`;
  }

  /** Whether this service itself would answer, behind its proxy or on the port it listens on. */
  private isOwn(url: URL): boolean {
    return this.isPublic(url) || this.hosts.has(url) || this.isListening(url);
  }

  /** Below PUBLIC_URL, by http or https. */
  private isPublic(url: URL): boolean {
    return this.isOnPublicHost(url) && `${pathOf(url)}/`.startsWith(`${this.publicPath}/`);
  }

  private isOnPublicHost(url: URL): boolean {
    const [own, host] = [nameOf(this.publicUrl), nameOf(url)];
    const isSameHost = host === own || (isLoopback(own) && isLoopback(host));
    return isSameHost && isSamePort(url, this.publicUrl);
  }

  /**
   * Past any proxy, on the port of this process, where short codes have no path before them. Where
   * that is the port of a proxy on another machine, as in a container on port 80, the path decides.
   */
  private isListening(url: URL): boolean {
    const host = nameOf(url);
    if (portOf(url) !== this.port) return false;
    return isLoopback(host) || (this.machineNames.includes(host) && !this.isOnPublicHost(url));
  }
}

/** Of URLs without an authority ("mailto:") the parser encodes all but plain spaces. */
const parsedTarget = (text: string): URL | undefined => parseUrl(text.replaceAll(' ', '%20'));

const tooLong = (): TargetRefused =>
  new TargetRefused('too-long', `must be at most ${MAX_URL_LENGTH} characters long`);

/** Without the brackets of IPv6. */
const bare = (host: string): string => host.replace(/^\[|\]$/g, '');
const nameOf = (url: URL): string => bare(hostOf(url));

const portOf = (url: URL): string => url.port || (url.protocol === 'https:' ? '443' : '80');

/** The default ports of http and https are taken for the same: one usually redirects to the other. */
const isSamePort = (url: URL, own: URL): boolean =>
  own.port === '' ? ['80', '443'].includes(portOf(url)) : portOf(url) === own.port;

/** The path as proxies compare it: decoded, without empty and dot segments. */
function pathOf(url: URL): string {
  let path = url.pathname;
  try {
    path = decodeURIComponent(path);
  } catch {
    // Broken encodings stand for themselves.
  }
  return new URL(`http://host${path.replace(/[?#]/g, '_')}`).pathname.replace(/\/{2,}/g, '/');
}

const listOf = (family: 'ipv4' | 'ipv6', ...networks: string[]): BlockList => {
  const list = new BlockList();
  for (const network of networks) {
    const [address, prefix] = network.split('/') as [string, string];
    list.addSubnet(address, Number(prefix), family);
  }
  return list;
};

const loopback4 = listOf('ipv4', '127.0.0.0/8', '0.0.0.0/32');
const loopback6 = listOf('ipv6', '::1/128', '::/128', '::127.0.0.0/104', '::ffff:127.0.0.0/104');

/** IANA's special-purpose addresses (RFC 6890) and multicast: nothing of it is reachable for all. */
const special4 = listOf(
  'ipv4',
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier-grade NAT
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local, metadata of clouds
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // 6to4 relays, deprecated
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast
);

/**
 * Of IPv6 only this is given out at all. What it leaves out: loopback, unspecified, all that carries
 * an IPv4 address (::/96, ::ffff:0:0/96, 64:ff9b::/96, 64:ff9b:1::/48), unique local, link-local,
 * site-local and multicast addresses.
 */
const global6 = listOf('ipv6', '2000::/3');
const special6 = listOf(
  'ipv6',
  '2001::/23', // protocol assignments, Teredo among them
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4
  '3fff::/20', // documentation
);

const isLoopback = (host: string): boolean => {
  const family = isIP(host);
  if (family === 0) return host === 'localhost' || host.endsWith('.localhost');
  return family === 4 ? loopback4.check(host) : loopback6.check(host, 'ipv6');
};

/**
 * Names without a dot, and those that never are public: special-use names (RFC 6761, RFC 6762,
 * RFC 8375, RFC 9476) and top levels that are kept out of the DNS because networks use them.
 */
const PRIVATE_NAME =
  /^[^.]*$|\.(alt|corp|home|home\.arpa|internal|intranet|lan|local|localdomain|localhost|private|test)$/;

const isPrivate = (host: string): boolean => {
  const family = isIP(host);
  if (family === 0) return PRIVATE_NAME.test(host);
  if (family === 4) return special4.check(host);
  return !global6.check(host, 'ipv6') || special6.check(host, 'ipv6');
};

/** Behind another scheme a word is no host ("myapp://settings"): one has a dot or a colon. */
const isPrivateOfApp = (url: URL): boolean => {
  const host = bare(normalHost(nameOf(url)) ?? '');
  return isLoopback(host) || (/[.:]/.test(nameOf(url)) && isPrivate(host));
};
