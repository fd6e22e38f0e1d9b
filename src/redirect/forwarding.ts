/** A longer path behind a code is none. */
const MAX_PATH = 2_048;
/** What a target becomes by the parameters of visitors is no longer. */
const MAX_URL = 8_192;
/** A path that is encoded more often is not meant for anybody. */
const MAX_ENCODINGS = 4;

/** The path behind the code as it was asked for, without the slash before it: "b/c" of "/code/b/c?q". */
export function pathBehindCode(url: string): string {
  const path = url.replace(/^[a-z]+:\/\/[^/?#]*/i, '').split(/[?#]/, 1)[0]!;
  const start = path.indexOf('/', 1);
  return start === -1 ? '' : path.slice(start + 1);
}

/**
 * Whether a path stays below whatever it is added to. Browsers and servers read ".." in many spellings:
 * encoded once or twice, between backslashes, with a parameter or a space behind it.
 */
export function staysBelow(path: string): boolean {
  if (path.length > MAX_PATH) return false;
  let text = path;
  for (let encodings = 0; encodings <= MAX_ENCODINGS; encodings += 1) {
    // oxlint-disable-next-line no-control-regex
    if (/[\0-\x1f\x7f]/.test(text) || text.split(/[/\\]/).some(isDots)) return false;
    const decoded = decodedOnce(text);
    if (decoded === text) return true;
    text = decoded;
  }
  return false;
}

const isDots = (segment: string): boolean => /^\.{1,2}\s*(?:;|$)/.test(segment);

/**
 * The target with a path that `staysBelow` behind its own; its query and fragment stay behind that. Empty
 * segments are dropped: "//host" is a host to some.
 */
export function withPath(target: string, path: string): string {
  const segments = path.split('/').filter((segment, at, all) => segment || at === all.length - 1);
  const rest = printable(segments.join('/'), /[^!-~]|["<>\\^`{|}#?]/gu);
  if (rest === '' || !/^[^:/?#]+:\/\//.test(target)) return target;
  const end = target.search(/[?#]/);
  const [base, behind] = end === -1 ? [target, ''] : [target.slice(0, end), target.slice(end)];
  return `${base.replace(/\/$/, '')}/${rest}${behind}`;
}

/**
 * The target with the parameters of a visitor behind its own, in the visitor's spelling, as far as there is
 * room. What the target has a value for is the target's alone, however the name is spelt.
 */
export function withQuery(target: string, query: string): string {
  const [, base, own, fragment] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(target)!;
  const taken = new Set((own ?? '').slice(1).split(/[&;]/).map(nameOf));
  let room = MAX_URL - target.length;
  let all = own ?? '';
  for (const raw of query.split('&')) {
    // Some servers take a semicolon for another ampersand: no value may go on with a parameter.
    const parameter = printable(raw, /[^!-~]|["<>#;]/gu);
    if (parameter === '' || taken.has(nameOf(parameter)) || parameter.length >= room) continue;
    all += `${all === '' ? '?' : /[?&]$/.test(all) ? '' : '&'}${parameter}`;
    room -= parameter.length + 1;
  }
  return `${base}${all}${fragment ?? ''}`;
}

/** The same for all names that some server takes for one: " A[x]" is "a" to PHP or ASP.NET, and "a.b" is "a_b". */
const nameOf = (parameter: string): string =>
  decodedOnce(parameter.split('=', 1)[0]!.replaceAll('+', ' '))
    .trimStart()
    .replace(/(?<=.)[[\0].*/s, '')
    .replace(/[. ]/g, '_')
    .toLowerCase();

/** Each escape as the character of its byte; broken ones stay as they are. */
const decodedOnce = (text: string): string =>
  text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));

/** As it may stand in a header. */
export const encodeUnprintable = (text: string): string => printable(text, /[^!-~]/gu);

/** With everything percent-encoded that the pattern finds. Node gives one character for each byte of a URL. */
const printable = (text: string, pattern: RegExp): string =>
  text.replace(pattern, (character) =>
    Buffer.from(character, character > '\xff' ? 'utf8' : 'latin1')
      .toString('hex')
      .toUpperCase()
      .replace(/../g, '%$&'),
  );
