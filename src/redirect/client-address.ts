import { BlockList, isIP } from 'node:net';
import type { ShortcutRequest } from '../http/shortcut.types.js';

/**
 * The address of the visitor: that of the connection, unless it is a proxy we trust. Then
 * X-Forwarded-For is read from its end, where each proxy has added whom it saw, up to the first
 * address that is no trusted proxy: what stands before it, the visitor may have made up.
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
    let address = plain(request.socket.remoteAddress ?? '');
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

  private isTrusted(address: string): boolean {
    return isIP(address) !== 0 && this.trusted.check(address, familyOf(address));
  }
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** IPv4 clients of a dual-stack socket are seen as ::ffff:192.0.2.1; some proxies add brackets or a port. */
function plain(address: string): string {
  if (!address.includes(':')) return address;
  const withoutPort = /^\[(.+)\](:\d+)?$|^([\d.]+):\d+$/.exec(address);
  const bare = withoutPort ? (withoutPort[1] ?? withoutPort[3]!) : address;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare;
}
