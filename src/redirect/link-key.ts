/**
 * What a link is looked up by: its code, and on a further host that host before it. Between them is a
 * space, which no URL has, so that no code can be taken for both. PostgreSQL announces links by the same.
 */
export const linkKey = (domain: string, code: string): string =>
  domain === '' ? code : `${domain} ${code}`;

/** The domain and the code of a key. */
export function partsOf(key: string): [domain: string, code: string] {
  const space = key.indexOf(' ');
  return space === -1 ? ['', key] : [key.slice(0, space), key.slice(space + 1)];
}
