import { CODE_ALPHABET } from '../../src/links/short-code.generator.js';

/** What the links of the benchmark hold: all of it follows from their number. */

/** Codes as the service generates them, and how many there are. */
const ALPHABET = CODE_ALPHABET;
const LENGTH = 7;
const CODES = BigInt(ALPHABET.length) ** BigInt(LENGTH);
/** Prime to the number of codes: numbers that follow each other get codes far apart. */
const STRIDE = 999_999_999_989n;
const FIRST_MS = Date.UTC(2025, 0, 1);
const WORDS = 'spring summer autumn winter news launch event store guide video team price'.split(
  ' ',
);

/** Terms and tags to look for, and which links have them. */
export const FINDABLE = {
  /** Half of all links, evenly. */
  common: 'sale',
  /** One in a hundred, evenly. */
  uncommon: 'webinar',
  /** One in 10,000, evenly. */
  rare: 'jubilee',
  /** A third of the oldest tenth, and none since. */
  outdated: 'fax',
  none: 'zeppelin',
  /** All links have its letters, three by three: the URL of each has articles, and an html. */
  noneOfCommonLetters: 'articles.html',
} as const;

export interface LinkRow {
  id: string;
  code: string;
  url: string;
  title: string;
  tags: string[];
}

/** The code of the link with this number; those beyond the number of links are unknown. */
export function codeOf(number: number): string {
  let rest = (BigInt(number + 1) * STRIDE) % CODES;
  let code = '';
  for (let at = 0; at < LENGTH; at += 1) {
    code += ALPHABET[Number(rest % BigInt(ALPHABET.length))]!;
    rest /= BigInt(ALPHABET.length);
  }
  return code;
}

/** The link with this number of so many; the higher the number, the newer. */
export function linkOf(number: number, of: number): LinkRow {
  const found = findableIn(number, of);
  const words = [WORDS[number % WORDS.length]!, WORDS[(number * 7) % 11]!, ...found];
  const time = (FIRST_MS + number * 1_000).toString(16).padStart(12, '0');
  const low = number.toString(16).padStart(12, '0');
  return {
    id: `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${low}`,
    code: codeOf(number),
    url: `https://www.example-${number % 997}.com/articles/${number.toString(36)}/index.html?ref=mail`,
    title: `${words.join(' ')} ${number}`,
    tags: [`team-${number % 50}`, ...found],
  };
}

function findableIn(number: number, of: number): string[] {
  const found: string[] = [];
  if (number % 2 === 0) found.push(FINDABLE.common);
  if (number % 100 === 17) found.push(FINDABLE.uncommon);
  if (number % 10_000 === 4_711) found.push(FINDABLE.rare);
  if (number * 10 < of && number % 3 === 0) found.push(FINDABLE.outdated);
  return found;
}
