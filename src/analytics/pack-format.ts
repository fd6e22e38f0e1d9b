/**
 * A packed column in bytes: the form of the codes, the form of the values, the length of the values
 * (four bytes), the values, and the codes, little-endian. There are no codes if there is only one
 * value. If all clicks with the same value follow one another, they are the length of each run. Else
 * they are as few bits for each click as will do.
 */
export const HEADER_BYTES = 6;

/** The forms of codes that are not a number of bits. */
export const FORMS = { oneValue: 0, runs: 255 } as const;

const WIDTHS = [1, 2, 4, 8, 16, 32];

/** How many bits tell so many values apart. */
export const widthFor = (values: number): number => WIDTHS.find((bits) => values <= 2 ** bits)!;

/** Words must begin at a multiple of their width, which those of a part of a buffer need not. */
export const alignedCopy = (bytes: Buffer): ArrayBuffer => new Uint8Array(bytes).buffer;

export function arrayOf(width: number) {
  if (width <= 8) return Uint8Array;
  return width === 16 ? Uint16Array : Uint32Array;
}
