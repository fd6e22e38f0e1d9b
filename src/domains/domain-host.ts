import { normalHost } from '../common/normal-host.js';

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * The normal form of a name that can be in the DNS: two labels or more, of letters, digits and hyphens.
 * Undefined for all else, addresses included.
 */
export function domainHost(text: string): string | undefined {
  const host = normalHost(text);
  const labels = host?.split('.') ?? [];
  if (labels.length < 2 || !labels.every((label) => LABEL.test(label))) return undefined;
  // A top level is never a number; what has one is an address.
  return /^\d+$/.test(labels.at(-1)!) ? undefined : host;
}
