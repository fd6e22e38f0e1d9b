/** What is known of a click in one respect; null is "unknown". */
export type PackValue = string | number | null;

/** Where words are put that are decoded, with anything in it. */
export type NewWords = (length: number) => Uint32Array;

export const newWordsOfTheirOwn: NewWords = (length) => new Uint32Array(length);

/** The same bytes as an array of their own kind: loops are quicker on as few kinds as possible. */
export const plainBytes = ({ buffer, byteOffset, length }: Buffer): Uint8Array =>
  new Uint8Array(buffer, byteOffset, length);

/** 0, 1, 2 and so on. */
export const inOrder = (count: number): Uint32Array =>
  Uint32Array.from({ length: count }, (_, n) => n);
