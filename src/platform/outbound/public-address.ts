import ipaddr from 'ipaddr.js';

/** All of IPv6 that is given out; what it leaves out are addresses that carry one of IPv4, and reserved ones. */
const GIVEN_OUT = ipaddr.IPv6.parseCIDR('2000::/3');

/** Where IPv6-only networks put the addresses of IPv4 (RFC 6052). */
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/**
 * Whether everybody reaches the address: it is neither private, loopback, link-local (where clouds keep their
 * metadata), shared, reserved nor multicast, and does not stand for an address that is.
 */
export function isPublicAddress(text: string): boolean {
  const address = ipaddr.parse(text);
  if (!(address instanceof ipaddr.IPv6)) return address.range() === 'unicast';
  if (address.match(NAT64)) return isPublicAddress(address.toByteArray().slice(12).join('.'));
  return address.range() === 'unicast' && address.match(GIVEN_OUT);
}
