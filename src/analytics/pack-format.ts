/** What is known of a click in one respect; null is "unknown". */
export type PackValue = string | number | null;

/**
 * A packed column in bytes: the form of the codes, the length of the values (four bytes), the values as
 * JSON, and the codes, little-endian. There are no codes if there is only one
 * value. If all clicks with the same value follow one another, they are the length of each run. Else
 * they are as few bits for each click as will do.
 */
export const HEADER_BYTES = 5;

/** The forms of codes that are not a number of bits. */
export const FORMS = { oneValue: 0, runs: 255 } as const;

const WIDTHS = [1, 2, 4, 8, 16, 32];

/** How many bits tell so many values apart. */
export const widthFor = (values: number): number => WIDTHS.find((bits) => values <= 2 ** bits)!;

export function arrayOf(width: number) {
  if (width <= 8) return Uint8Array;
  return width === 16 ? Uint16Array : Uint32Array;
}

/** Where words are put that are decoded, with anything in it. */
export type NewWords = (length: number) => Uint32Array;

export const newWordsOfTheirOwn: NewWords = (length) => new Uint32Array(length);

/** Copies them: words must begin at a multiple of their width, which a part of a buffer need not. */
export function wordsIn(bytes: Uint8Array, newWords: NewWords): Uint32Array {
  const words = newWords(bytes.length / Uint32Array.BYTES_PER_ELEMENT);
  new Uint8Array(words.buffer, words.byteOffset, words.byteLength).set(bytes);
  return words;
}
