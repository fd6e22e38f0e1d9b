import { arrayOf, type Codes, FORMS, HEADER_BYTES, widthFor } from './pack-format.js';
import { type PackValue, PackValues } from './pack-values.js';

/**
 * One respect of many clicks, dictionary-encoded as in Parquet: each value once, and for each click
 * the place of its value among them.
 */
export class PackedColumn {
  private readonly shift: number;
  private readonly low: number;
  private readonly mask: number;

  private constructor(
    readonly clicks: number,
    private readonly values: PackValues,
    private readonly codes: Codes,
    private readonly width: number,
  ) {
    const perByte = Math.max(1, 8 / width);
    this.shift = Math.log2(perByte);
    this.low = perByte - 1;
    this.mask = width < 8 ? 2 ** width - 1 : -1;
  }

  /** @param clicks how many clicks it tells of */
  static decode(bytes: Buffer, clicks: number): PackedColumn {
    const form = bytes.readUInt8(0);
    const codesAt = HEADER_BYTES + bytes.readUInt32LE(2);
    const values = PackValues.decode(bytes.readUInt8(1), bytes.subarray(HEADER_BYTES, codesAt));
    if (form === FORMS.oneValue) return PackedColumn.ofRuns(clicks, values, [clicks]);
    // A copy, because wider codes must begin at a multiple of their width.
    const { buffer } = Uint8Array.prototype.slice.call(bytes, codesAt);
    if (form === FORMS.runs) return PackedColumn.ofRuns(clicks, values, new Uint32Array(buffer));
    return new PackedColumn(clicks, values, new (arrayOf(form))(buffer), form);
  }

  private static ofRuns(clicks: number, values: PackValues, runs: Iterable<number>): PackedColumn {
    const width = Math.max(8, widthFor(values.size));
    const codes = new (arrayOf(width))(clicks);
    let [code, at] = [0, 0];
    for (const length of runs) {
      codes.fill(code, at, (at += length));
      code += 1;
    }
    return new PackedColumn(clicks, values, codes, width);
  }

  /** How many values there are. */
  get size(): number {
    return this.values.size;
  }

  valueAt(place: number): PackValue {
    return this.values.at(place);
  }

  /** The place of the value of a click. */
  placeOf(click: number): number {
    return (this.codes[click >> this.shift]! >> ((click & this.low) * this.width)) & this.mask;
  }

  valueOf(click: number): PackValue {
    return this.values.at(this.placeOf(click));
  }
}
