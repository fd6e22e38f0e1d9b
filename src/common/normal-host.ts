import { isIPv6 } from 'node:net';
import { parseUrl } from './parse-url.js';

/** The longest name that DNS can resolve (RFC 1035), without the dot of the root. */
export const MAX_HOST_LENGTH = 253;

/** No name in use has more labels; so many ends of a host are looked up at most. */
export const MAX_HOST_LABELS = 16;

/** The host of a URL as it is compared: the parser normalises all but the dots at its end. */
export const hostOf = (url: URL): string => url.hostname.replace(/\.+$/, '');

/**
 * The host in the form that it has in a normalised URL: lower case, IDN as punycode, addresses in
 * their one spelling, IPv6 in brackets, no dot at the end. Undefined if the text is no host.
 */
export function normalHost(text: string): string | undefined {
  const host = isIPv6(text) ? `[${text}]` : text;
  // The parser would take these for a user, a port or a path, and a wildcard for a name.
  if (text.length > MAX_HOST_LENGTH || /[\p{Cc}\s/\\?#@*]/u.test(host) || /:(?![^[]*\])/.test(host))
    return undefined;
  const url = parseUrl(`http://${host}/`);
  const normal = url && hostOf(url);
  return normal && normal.length <= MAX_HOST_LENGTH ? normal : undefined;
}
