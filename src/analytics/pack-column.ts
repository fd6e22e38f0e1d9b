import { BitCodes, type PackCodes, WholeCodes } from './pack-codes.js';
import { alignedCopy, arrayOf, FORMS, HEADER_BYTES } from './pack-format.js';
import { type PackValue, PackValues } from './pack-values.js';

/**
 * One respect of many clicks, dictionary-encoded as in Parquet: each value once, and for each click
 * the place of its value among them.
 */
export class PackedColumn {
  private constructor(
    readonly clicks: number,
    readonly values: PackValues,
    readonly places: PackCodes,
  ) {}

  /** @param clicks how many clicks it tells of */
  static decode(bytes: Buffer, clicks: number): PackedColumn {
    const form = bytes.readUInt8(0);
    const codesAt = HEADER_BYTES + bytes.readUInt32LE(2);
    const values = PackValues.decode(bytes.readUInt8(1), bytes.subarray(HEADER_BYTES, codesAt));
    return new PackedColumn(clicks, values, codesOf(form, bytes.subarray(codesAt), clicks));
  }

  valueOf(click: number): PackValue {
    return this.values.at(this.places.at(click));
  }
}

/** From so many clicks on `fill` is quicker than a loop. */
const LONG_RUN = 50;

function codesOf(form: number, bytes: Buffer, clicks: number): PackCodes {
  if (form === FORMS.oneValue) return new WholeCodes(new Uint8Array(clicks));
  // Loops are quicker on as few kinds of arrays as possible, and Buffer is one of its own.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  if (form < 8) return new BitCodes(plain, form);
  if (form === 8) return new WholeCodes(plain);
  const buffer = alignedCopy(bytes);
  if (form === FORMS.runs) return new WholeCodes(ofRuns(new Uint32Array(buffer), clicks));
  return new WholeCodes(new Uint32Array(new (arrayOf(form))(buffer)));
}

function ofRuns(runs: Uint32Array, clicks: number): Uint32Array {
  const codes = new Uint32Array(clicks);
  let at = 0;
  // By index, because for…of takes several times as long.
  for (let code = 0; code < runs.length; code += 1) {
    const end = at + runs[code]!;
    if (end - at > LONG_RUN) codes.fill(code, at, (at = end));
    else for (; at < end; at += 1) codes[at] = code;
  }
  return codes;
}
