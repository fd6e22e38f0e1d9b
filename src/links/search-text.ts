import { domainToUnicode } from 'node:url';
import { hostOf } from '../common/normal-host.js';
import { parseUrl } from '../common/parse-url.js';
import type { LinkName } from './links.types.js';

/** One code point. */
const IS_ONE = /^.$/su;

/** Stands between fields, so that no search finds what spans two of them: nobody can type it. */
const SEPARATOR = '\u001f';

/**
 * What searches compare of the fields that are given: the title, and the URL in its stored form and as
 * people read and type it.
 */
export const searchColumns = ({ title, url }: { title?: string | null; url?: string }) => ({
  ...(title !== undefined && { searchTitle: foldText(title ?? '') }),
  ...(url !== undefined && {
    searchUrl: [...new Set([url, readable(url)])].map(foldText).join(SEPARATOR),
  }),
});

/** NFKC in lower case letter by letter, so that a part of a text becomes a part of its folded form. */
const foldText = (text: string): string =>
  text.normalize('NFKC').replace(/./gsu, lowerCase).normalize('NFKC');

function lowerCase(letter: string): string {
  if (letter === 'İ') return 'i';
  if (letter === 'ς') return 'σ';
  const lower = letter.toLowerCase();
  return IS_ONE.test(lower) ? lower : letter;
}

/**
 * What may stand in the search text of a link whose URL was typed like this: the text itself, the text
 * with the characters that punycode and percent-escapes stand for, and the normal form of the URL.
 */
export function searchTexts(typed: string): string[] {
  const text = typed.trim();
  const texts = [text, readable(text), normalised(text)];
  return [...new Set(texts.map(foldText))].filter((variant) => variant !== '');
}

/**
 * The host and the code of a short URL of this service, with or without its scheme; undefined of other texts.
 * @param hosts knows which others are of this service
 */
export function nameOfShortUrl(
  typed: string,
  publicUrl: string,
  hosts: { has(url: URL): boolean },
): LinkName | undefined {
  const text = typed.trim();
  const url = parseUrl(hasScheme(text) ? text : `https://${text.replace(/^\/\//, '')}`);
  const own = new URL(publicUrl);
  if (!url) return undefined;
  const isOwn = url.host === own.host;
  if (!isOwn && !hosts.has(url)) return undefined;
  const base = isOwn ? `${own.pathname.replace(/\/$/, '')}/` : '/';
  if (!url.pathname.startsWith(base)) return undefined;
  // What follows the code may have been copied along from the end of a sentence.
  const [, code] =
    /^([A-Za-z0-9_-]{1,64})[^A-Za-z0-9_-]*$/.exec(readable(url.pathname.slice(base.length))) ?? [];
  return code === undefined ? undefined : { domain: isOwn ? '' : hostOf(url), code };
}

/** Runs of escapes that are not UTF-8, or have a NUL, stand for themselves. */
const readable = (text: string): string =>
  text
    .replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) => {
      try {
        const decoded = decodeURIComponent(escapes);
        return decoded.includes('\0') ? escapes : decoded;
      } catch {
        return escapes;
      }
    })
    .replace(/\bxn--[a-z0-9-]{1,59}/gi, (label) => domainToUnicode(label) || label);

/** Without the scheme, if the text has none, and without the slash that the parser adds to a host. */
function normalised(text: string): string {
  const url = urlOf(text);
  if (!url) return text;
  const href = hasScheme(text) ? url.href : url.href.replace(/^https:\/\//, '');
  return url.pathname === '/' && !url.search && !url.hash ? href.replace(/\/$/, '') : href;
}

const hasScheme = (text: string): boolean => /^https?:[/\\]{2}/i.test(text);

/** The http or https URL; a host with a dot or a port may stand without the scheme. */
function urlOf(text: string): URL | undefined {
  if (hasScheme(text)) return parseUrl(text);
  return /^(\/\/)?[^\s/?#@]+([.]|:\d)[^\s/?#@]*([/?#]|$)/.test(text)
    ? parseUrl(`https://${text.replace(/^\/\//, '')}`)
    : undefined;
}
