import { inOrder, type PackColumnBuilder } from './pack-column-builder.js';
import { type NewWords, newWordsOfTheirOwn } from './pack-format.js';
import { readVarints, VarintWriter } from './varints.js';

const WORD_BYTES = 4;

/** Clicks that are alike in some columns, as one row each: of a day far fewer than there are clicks. */
export interface FoldedClicks {
  rows: number;
  /** In the order they were folded in. */
  columns: Buffer[];
  /** How many clicks each row stands for. */
  weights: Uint32Array;
}

export function foldClicks(builders: PackColumnBuilder[], clicks: number): Buffer {
  // A radix sort: the last column first.
  const order = builders.reduceRight((sorted, builder) => builder.grouped(sorted), inOrder(clicks));
  const firsts = order.filter(
    (click, index) =>
      index === 0 ||
      builders.some((builder) => builder.placeAt(click) !== builder.placeAt(order[index - 1]!)),
  );
  const parts = builders.map((builder) => builder.encode(firsts));
  const head = Buffer.alloc(WORD_BYTES * (1 + parts.length));
  head.writeUInt32LE(firsts.length);
  for (const [index, part] of parts.entries()) {
    head.writeUInt32LE(part.length, WORD_BYTES * (1 + index));
  }
  return Buffer.concat([head, ...parts, weightsOf(order, firsts)]);
}

function weightsOf(order: Uint32Array, firsts: Uint32Array): Buffer {
  const writer = new VarintWriter();
  let row = 0;
  let weight = 0;
  for (const click of order) {
    if (click === firsts[row + 1]) {
      writer.write(weight);
      row += 1;
      weight = 0;
    }
    weight += 1;
  }
  writer.write(weight);
  return writer.written;
}

/** @param columns how many were folded */
export function unfold(
  bytes: Buffer,
  columns: number,
  newWords: NewWords = newWordsOfTheirOwn,
): FoldedClicks {
  const rows = bytes.readUInt32LE();
  let offset = WORD_BYTES * (1 + columns);
  const parts = Array.from({ length: columns }, (_, index) => {
    const length = bytes.readUInt32LE(WORD_BYTES * (1 + index));
    return bytes.subarray(offset, (offset += length));
  });
  return { rows, columns: parts, weights: readVarints(bytes.subarray(offset), rows, newWords) };
}
