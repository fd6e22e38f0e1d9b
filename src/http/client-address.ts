import { BlockList, isIP } from 'node:net';
import type { ShortcutRequest } from './shortcut.types.js';

/**
 * The address of the client: that of the connection, unless it is a proxy we trust. Then
 * X-Forwarded-For is read from its end, where each proxy has added whom it saw, up to the first
 * address that is no trusted proxy: what stands before it, the client may have made up.
 */
export class ClientAddress {
  private readonly trusted = new BlockList();
  private readonly trustsNobody: boolean;

  /** @param proxies addresses and CIDRs of trusted proxies */
  constructor(proxies: string[]) {
    this.trustsNobody = proxies.length === 0;
    for (const proxy of proxies) {
      const [address, prefix] = proxy.split('/') as [string, string?];
      const family = familyOf(address);
      if (prefix === undefined) this.trusted.addAddress(address, family);
      else this.trusted.addSubnet(address, Number(prefix), family);
    }
  }

  of(request: Pick<ShortcutRequest, 'headers' | 'socket'>): string {
    let address = this.peerOf(request.socket);
    if (this.trustsNobody || !this.isTrusted(address)) return address;
    const header = request.headers['x-forwarded-for'];
    const hops = (Array.isArray(header) ? header.join() : (header ?? '')).split(',');
    for (const hop of hops.toReversed()) {
      const next = plain(hop.trim());
      if (isIP(next) === 0) return address;
      address = next;
      if (!this.isTrusted(address)) return address;
    }
    return address;
  }

  /** Who is at the other end of the connection: the client, or the last proxy before us. */
  peerOf({ remoteAddress = '' }: ShortcutRequest['socket']): string {
    return plain(remoteAddress);
  }

  isTrusted(address: string): boolean {
    return isIP(address) !== 0 && this.trusted.check(address, familyOf(address));
  }
}

/**
 * What counts as one client where each gets a share: an IPv4 address, and of IPv6 the /64, of which
 * every machine on a network has all addresses.
 */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = [], tail = []] = address
    .split('%', 1)[0]!
    .split('::')
    .map((half) => half.split(':').filter(Boolean));
  // An IPv4 address at the end stands for two groups.
  const groups = head.length + tail.length + (address.includes('.') ? 1 : 0);
  const zeros = Array<string>(Math.max(0, 8 - groups)).fill('0');
  const prefix = [...head, ...zeros, ...tail].slice(0, 4);
  return `${prefix.map((group) => parseInt(group, 16).toString(16)).join(':')}::/64`;
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** IPv4 clients of a dual-stack socket are seen as ::ffff:192.0.2.1; some proxies add brackets or a port. */
function plain(address: string): string {
  if (!address.includes(':')) return address;
  const withoutPort = /^\[(.+)\](:\d+)?$|^([\d.]+):\d+$/.exec(address);
  const bare = withoutPort ? (withoutPort[1] ?? withoutPort[3]!) : address;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare;
}
