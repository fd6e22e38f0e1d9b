/** For each click of a pack the place of its value. */
export interface PackCodes {
  at(click: number): number;
  /**
   * Adds up clicks by the place of their value and by a kind that they have.
   * @param kinds of each of the picks
   * @param kindCount how many kinds there are
   * @param sums at `place * kindCount + kind`
   */
  count(
    picks: Int32Array | undefined,
    kinds: Uint8Array,
    kindCount: number,
    sums: Int32Array,
  ): void;
}

/** Codes of a byte, or of as many bits as divide one. */
export class NarrowCodes implements PackCodes {
  private readonly shift: number;
  private readonly low: number;
  private readonly mask: number;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly width: number,
  ) {
    this.shift = Math.log2(8 / width);
    this.low = 8 / width - 1;
    this.mask = 2 ** width - 1;
  }

  at(click: number): number {
    return (this.bytes[click >> this.shift]! >> ((click & this.low) * this.width)) & this.mask;
  }

  count(
    picks: Int32Array | undefined,
    kinds: Uint8Array,
    kindCount: number,
    sums: Int32Array,
  ): void {
    // Fields and lengths are read once: this is where reports spend their time.
    const { bytes, width, shift, low, mask } = this;
    const { length } = kinds;
    for (let index = 0; index < length; index += 1) {
      const click = picks ? picks[index]! : index;
      const place = (bytes[click >> shift]! >> ((click & low) * width)) & mask;
      sums[place * kindCount + kinds[index]!]! += 1;
    }
  }
}

/** Codes of more than a byte. The loops are the same, and fast because each knows one kind of array. */
export class WideCodes implements PackCodes {
  constructor(private readonly codes: Uint32Array) {}

  at(click: number): number {
    return this.codes[click]!;
  }

  count(
    picks: Int32Array | undefined,
    kinds: Uint8Array,
    kindCount: number,
    sums: Int32Array,
  ): void {
    const { codes } = this;
    const { length } = kinds;
    for (let index = 0; index < length; index += 1) {
      const click = picks ? picks[index]! : index;
      sums[codes[click]! * kindCount + kinds[index]!]! += 1;
    }
  }
}

/**
 * Those among the clicks whose value is wanted.
 * @param wanted 1 or 0 for each place
 * @param among in order; all, if undefined
 * @param clicks how many there are in all
 */
export function pickClicks(
  codes: PackCodes,
  wanted: Uint8Array,
  among: Int32Array | undefined,
  clicks: number,
): Int32Array {
  const candidates = among?.length ?? clicks;
  const picked = new Int32Array(candidates);
  let count = 0;
  for (let index = 0; index < candidates; index += 1) {
    const click = among ? among[index]! : index;
    picked[count] = click;
    count += wanted[codes.at(click)]!;
  }
  return picked.subarray(0, count);
}
