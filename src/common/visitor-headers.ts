import { parseUrl } from './parse-url.js';

/** RFC 1035; half a host would be another one. */
const MAX_HOST_LENGTH = 253;
const MAX_LANGUAGES = 20;

/** A language with or without its region, and its weight (RFC 9110 §12.5.4). */
const LANGUAGE = /^\s*([a-z]{2,3}(?:-[a-z0-9-]+)?)\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?$/i;

/**
 * The language that Accept-Language prefers most, the first of them if there are several, with its
 * region if it has one: `pt-br`. Reports and rules go by the same one.
 */
export function preferredLanguage(header: string): string | undefined {
  let [most, language]: [number, string | undefined] = [0, undefined];
  for (const range of header.split(',', MAX_LANGUAGES)) {
    const [, name, weight = '1'] = LANGUAGE.exec(range) ?? [];
    if (name !== undefined && Number(weight) > most) [most, language] = [Number(weight), name];
    // Browsers put it first, and nothing weighs more.
    if (most === 1) break;
  }
  return language?.toLowerCase();
}

/** The host of a Referer; undefined if it has none, or none that is a host. */
export function referrerHost(referrer: string): string | undefined {
  const host = parseUrl(referrer)?.hostname.toLowerCase();
  return host && host.length <= MAX_HOST_LENGTH ? host : undefined;
}
