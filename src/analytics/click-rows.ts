import type { PackColumnBuilder } from './pack-column-builder.js';
import { type NewWords, newWordsOfTheirOwn } from './pack-format.js';
import { readVarints, VarintWriter } from './varints.js';

const WORD_BYTES = 4;

/** Clicks that are alike in all columns, as one row each: of a day far fewer than there are clicks. */
export interface ClickRows {
  size: number;
  /** In the order they were given in. */
  columns: Buffer[];
  /** How many clicks each row stands for. */
  weights: Uint32Array;
}

/** Brings clicks together that are alike, and otherwise leaves them in their order. */
export const sortAlike = (columns: PackColumnBuilder[], order: Uint32Array): Uint32Array =>
  // A radix sort: the last column first.
  columns.reduceRight((sorted, column) => column.grouped(sorted), order);

/** The first click of each row; @param sorted by `sortAlike` */
export const firstsOf = (columns: PackColumnBuilder[], sorted: Uint32Array): Uint32Array =>
  sorted.filter(
    (click, index) =>
      index === 0 ||
      columns.some((column) => column.placeAt(click) !== column.placeAt(sorted[index - 1]!)),
  );

/**
 * For each click its row.
 * @param sorted by `sortAlike`
 * @param firsts of `firstsOf`
 */
export function rowsOf(sorted: Uint32Array, firsts: Uint32Array): Uint32Array {
  const rows = new Uint32Array(sorted.length);
  let row = 0;
  for (const click of sorted) {
    if (click === firsts[row + 1]) row += 1;
    rows[click] = row;
  }
  return rows;
}

/**
 * @param firsts of `firstsOf`
 * @param rows of `rowsOf`
 */
export function writeRows(
  columns: PackColumnBuilder[],
  firsts: Uint32Array,
  rows: Uint32Array,
): Buffer {
  const parts = columns.map((column) => column.encode(firsts));
  const head = Buffer.alloc(WORD_BYTES * (1 + parts.length));
  head.writeUInt32LE(firsts.length);
  for (const [index, part] of parts.entries()) {
    head.writeUInt32LE(part.length, WORD_BYTES * (1 + index));
  }
  const weights = new Uint32Array(firsts.length);
  for (const row of rows) weights[row]! += 1;
  const writer = new VarintWriter();
  for (const weight of weights) writer.write(weight);
  return Buffer.concat([head, ...parts, writer.written]);
}

/** @param columns how many there are */
export function readRows(
  bytes: Buffer,
  columns: number,
  newWords: NewWords = newWordsOfTheirOwn,
): ClickRows {
  const size = bytes.readUInt32LE();
  let offset = WORD_BYTES * (1 + columns);
  const parts = Array.from({ length: columns }, (_, index) => {
    const length = bytes.readUInt32LE(WORD_BYTES * (1 + index));
    return bytes.subarray(offset, (offset += length));
  });
  return { size, columns: parts, weights: readVarints(bytes.subarray(offset), size, newWords) };
}
