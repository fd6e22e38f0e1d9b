import { BitCodes } from './bit-codes.js';
import type { PackCodes } from './pack-codes.js';
import {
  FORMS,
  HEADER_BYTES,
  type NewWords,
  newWordsOfTheirOwn,
  type PackValue,
  wordsIn,
} from './pack-format.js';
import { WholeCodes } from './whole-codes.js';

/**
 * One respect of many clicks, dictionary-encoded as in Parquet: each value once, and for each click
 * the place of its value among them.
 */
export class PackedColumn {
  private constructor(
    readonly clicks: number,
    readonly values: readonly PackValue[],
    readonly places: PackCodes,
  ) {}

  /**
   * Some of what it reads stays in the bytes until it is asked for.
   * @param clicks how many clicks it tells of
   */
  static decode(bytes: Buffer, clicks: number, newWords = newWordsOfTheirOwn): PackedColumn {
    const form = bytes.readUInt8(0);
    const codesAt = HEADER_BYTES + bytes.readUInt32LE(1);
    const values = JSON.parse(bytes.toString('utf8', HEADER_BYTES, codesAt)) as PackValue[];
    return new PackedColumn(
      clicks,
      values,
      codesOf(form, bytes.subarray(codesAt), clicks, newWords),
    );
  }

  valueOf(click: number): PackValue {
    return this.values[this.places.at(click)]!;
  }
}

/** From so many clicks on `fill` is quicker than a loop. */
const LONG_RUN = 50;

function codesOf(form: number, bytes: Buffer, clicks: number, newWords: NewWords): PackCodes {
  if (form === FORMS.oneValue) return new WholeCodes(newWords(clicks).fill(0));
  // Loops are quicker on as few kinds of arrays as possible, and Buffer is one of its own.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  if (form < 8) return new BitCodes(plain, form);
  if (form === 8) return new WholeCodes(plain);
  if (form === 16) return new WholeCodes(ofPairs(plain, newWords(clicks)));
  const words = wordsIn(plain, newWords);
  return new WholeCodes(form === FORMS.runs ? ofRuns(words, newWords(clicks)) : words);
}

function ofPairs(bytes: Uint8Array, codes: Uint32Array): Uint32Array {
  for (let click = 0; click < codes.length; click += 1) {
    codes[click] = bytes[2 * click]! | (bytes[2 * click + 1]! << 8);
  }
  return codes;
}

function ofRuns(runs: Uint32Array, codes: Uint32Array): Uint32Array {
  let at = 0;
  // By index, because for…of takes several times as long.
  for (let code = 0; code < runs.length; code += 1) {
    const end = at + runs[code]!;
    if (end - at > LONG_RUN) codes.fill(code, at, (at = end));
    else for (; at < end; at += 1) codes[at] = code;
  }
  return codes;
}
