import { MAX_HOST_LENGTH, normalHost } from '../common/normal-host.js';

/** Below the host, where its DNS record is. */
export const RECORD_PREFIX = '_signpost.';

/** So that the name of the record is not too long, either. */
export const MAX_DOMAIN_LENGTH = MAX_HOST_LENGTH - RECORD_PREFIX.length;

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * The normal form of a name that can be in the DNS: two labels or more, of letters, digits and hyphens.
 * Undefined for all else, addresses included.
 */
export function domainHost(text: string): string | undefined {
  const host = normalHost(text);
  if (host === undefined || host.length > MAX_DOMAIN_LENGTH) return undefined;
  const labels = host.split('.');
  if (labels.length < 2 || !labels.every((label) => LABEL.test(label))) return undefined;
  // A top level is never a number; what has one is an address.
  return /^\d+$/.test(labels.at(-1)!) ? undefined : host;
}
