import { BlockList, isIP } from 'node:net';
import { Injectable } from '@nestjs/common';
import { LinksConfig } from '../../config/links.config.js';
import { ServerConfig } from '../../config/server.config.js';
import { parseUrl } from '../common/parse-url.js';

export const MAX_URL_LENGTH = 8192;

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
  private readonly ownUrl: URL;

  constructor(
    server: ServerConfig,
    private readonly links: LinksConfig,
  ) {
    this.ownUrl = new URL(server.publicUrl);
  }

  /**
   * The URL in its normal form (WHATWG URL Standard).
   * @throws TargetRefused
   */
  normalise(raw: string): string {
    if (raw.length > MAX_URL_LENGTH) throw tooLong();
    // The URL parser drops tabs and newlines, so "java\nscript:" has to be seen before it is parsed.
    if (/[\p{Cc}\s]/u.test(raw)) {
      throw new TargetRefused('invalid', 'must not contain spaces or control characters');
    }
    const url = /^https?:\/\//i.test(raw) ? parseUrl(raw) : undefined;
    if (!url) {
      throw new TargetRefused('invalid', 'must be an absolute http:// or https:// URL');
    }
    if (url.username || url.password) {
      throw new TargetRefused('invalid', 'must not contain a user name or password');
    }
    if (url.href.length > MAX_URL_LENGTH) throw tooLong();
    if (this.isOwnHost(url)) {
      throw new TargetRefused('own-host', 'must not lead back to this service');
    }
    if (!this.links.allowPrivateTargets && isPrivate(hostOf(url))) {
      throw new TargetRefused('private-target', 'must not lead to a private or local address');
    }
    return url.href;
  }

  /** Any port of our own name is ours; other spellings of a loopback host only with our port. */
  private isOwnHost(url: URL): boolean {
    const host = hostOf(url);
    const own = hostOf(this.ownUrl);
    if (host === own) return true;
    return isLoopback(own) && isLoopback(host) && url.port === this.ownUrl.port;
  }
}

const tooLong = (): TargetRefused =>
  new TargetRefused('too-long', `must be at most ${MAX_URL_LENGTH} characters long`);

/** The parser has lower-cased names and normalised every spelling of an IPv4 address already. */
const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '').replace(/\.+$/, '');

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('0.0.0.0', 'ipv4');
loopback.addAddress('::1', 'ipv6');
loopback.addAddress('::', 'ipv6');

/** IANA special-purpose address registries (RFC 6890), as far as they are not globally reachable. */
const privateRanges = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['240.0.0.0', 4],
] as const) {
  privateRanges.addSubnet(network, prefix, 'ipv4');
}
privateRanges.addSubnet('fc00::', 7, 'ipv6');
privateRanges.addSubnet('fe80::', 10, 'ipv6');

const inList = (list: BlockList, host: string): boolean => {
  const family = isIP(host);
  return family !== 0 && list.check(host, family === 6 ? 'ipv6' : 'ipv4');
};

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host.endsWith('.localhost') || inList(loopback, host);

/** Names without a dot and the special-use names (RFC 6761, RFC 6762, RFC 9476) never are public. */
const isPrivate = (host: string): boolean =>
  isLoopback(host) ||
  inList(privateRanges, host) ||
  (isIP(host) === 0 && !host.includes('.')) ||
  /\.(local|internal|lan|home\.arpa|test|alt)$/.test(host);
