import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP, type Socket } from 'node:net';

/** What tells the address of a request. */
interface Sent {
  headers: IncomingHttpHeaders;
  socket: Pick<Socket, 'remoteAddress'>;
}

/** A list of addresses and networks. */
export class Networks {
  private readonly list = new BlockList();

  /** @param networks addresses and CIDRs */
  constructor(networks: string[]) {
    for (const network of networks) {
      const [address, prefix] = network.split('/') as [string, string?];
      const family = familyOf(address);
      if (prefix === undefined) this.list.addAddress(address, family);
      else this.list.addSubnet(address, Number(prefix), family);
    }
  }

  has(address: string): boolean {
    return isIP(address) !== 0 && this.list.check(address, familyOf(address));
  }
}

/**
 * The address of the client: that of the connection, unless it is a proxy we trust. Then
 * X-Forwarded-For is read from its end, where each proxy has added whom it saw, up to the first
 * address that is no trusted proxy: what stands before it, the client may have made up.
 */
export class ClientAddress {
  private readonly trusted: Networks;
  private readonly trustsNobody: boolean;

  /** @param proxies addresses and CIDRs of trusted proxies */
  constructor(proxies: string[]) {
    this.trustsNobody = proxies.length === 0;
    this.trusted = new Networks(proxies);
  }

  of(request: Sent): string {
    let address = this.peerOf(request.socket);
    if (this.trustsNobody || !this.isTrusted(address)) return address;
    const header = request.headers['x-forwarded-for'];
    const hops = Array.isArray(header) ? header.join() : (header ?? '');
    for (let end = hops.length; end > 0;) {
      const start = hops.lastIndexOf(',', end - 1) + 1;
      const hop = hops.slice(start, end).trim();
      end = start - 1;
      // An element may be empty, and then means nothing (RFC 9110 §5.6.1).
      if (hop === '') continue;
      const next = addressOf(hop);
      if (next === undefined) return address;
      address = next;
      if (!this.isTrusted(address)) return address;
    }
    return address;
  }

  /** Who is at the other end of the connection: the client, or the last proxy before us. */
  peerOf({ remoteAddress = '' }: Sent['socket']): string {
    if (!remoteAddress.includes(':')) return remoteAddress;
    // The kernel has one spelling for IPv6, which is ours.
    const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(remoteAddress) ?? [];
    return mapped ?? withoutZone(remoteAddress);
  }

  isTrusted(address: string): boolean {
    return this.trusted.has(address);
  }
}

/**
 * What counts as one client where each gets a share: an IPv4 address, and of IPv6 the /64, of which
 * every machine on a network has all addresses.
 */
export function networkOf(address: string): string {
  return isIP(address) === 6 ? `${firstGroups(address, 4)}::/64` : address;
}

/**
 * Where an address is, roughly, which is all that may be stored of people: its /24 of IPv4, its /48 of
 * IPv6. Undefined if it is none.
 */
export function subnetOf(address: string): string | undefined {
  const family = isIP(address);
  if (family === 6) return `${firstGroups(address, 3)}::/48`;
  return family === 4 ? `${address.slice(0, address.lastIndexOf('.'))}.0/24` : undefined;
}

function firstGroups(address: string, count: number): string {
  const [head = [], tail = []] = withoutZone(address)
    .split('::')
    .map((half) => half.split(':').filter(Boolean));
  // An IPv4 address at the end stands for two groups.
  const groups = head.length + tail.length + (address.includes('.') ? 1 : 0);
  const zeros = Array<string>(Math.max(0, 8 - groups)).fill('0');
  const prefix = [...head, ...zeros, ...tail].slice(0, count);
  return prefix.map((group) => parseInt(group, 16).toString(16)).join(':');
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** A zone means something to one machine only. */
const withoutZone = (address: string): string => address.split('%', 1)[0]!;

/** Some proxies add brackets, a port, or quotes, which RFC 7239 has. */
const DRESSED = /^"?(?:\[([^\]]+)\](?::\d+)?|([\d.]+)(?::\d+)?|([^"]+))"?$/;
const MAPPED = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/**
 * The address that a proxy has written, in the one spelling that is used everywhere: IPv6 as in RFC 5952,
 * without a zone; IPv4 as such, also if it comes as IPv6 (::ffff:192.0.2.1). Undefined if it is none.
 */
function addressOf(text: string): string | undefined {
  const address = isIP(text) === 0 ? undressed(text) : text;
  const family = isIP(address);
  if (family !== 6) return family === 4 ? address : undefined;
  const spelt = new URL(`http://[${withoutZone(address)}]/`).hostname.slice(1, -1);
  const [, high, low] = MAPPED.exec(spelt) ?? [];
  return high === undefined ? spelt : dotted(parseInt(high, 16), parseInt(low!, 16));
}

function undressed(text: string): string {
  const [, bracketed, ported, quoted] = DRESSED.exec(text) ?? [];
  return bracketed ?? ported ?? quoted ?? '';
}

const dotted = (high: number, low: number): string =>
  [high >> 8, high & 255, low >> 8, low & 255].join('.');
