/** How many bits tell the kinds of clicks apart. */
export const KIND_BITS = 2;

/**
 * For each click of a pack the place of its value. This is where reports spend their time: the loops
 * read fields and lengths once, and take four clicks at a time, in half the time of one after the
 * other. What the two classes share is spelled twice: V8 does not inline a function for the rest.
 */
export interface PackCodes {
  at(click: number): number;
  /**
   * Reads the places of some clicks.
   * @param clicks which clicks
   * @param places has room for them
   */
  read(clicks: Int32Array, places: Uint8Array): void;
  /**
   * Adds up clicks by the place of their value and by their kind.
   * @param clicks which clicks
   * @param kinds of each of them
   * @param sums at `(place << KIND_BITS) | kind`, in both halves: the next click often goes to the same
   *   sum, and would have to wait for it, so that clicks take turns with two sums
   */
  count(clicks: Int32Array, kinds: Uint8Array, sums: Int32Array): void;
  /**
   * As `count`, where each click stands for several; in the first half of the sums only.
   * @param weights of all clicks of the pack: for how many each stands
   */
  weigh(clicks: Int32Array, kinds: Uint8Array, weights: Uint32Array, sums: Int32Array): void;
  /**
   * Picks those among the clicks whose value is wanted.
   * @param wanted 1 or 0 for each place
   * @param among in order
   * @param picked has room for all of them
   * @returns how many were picked
   */
  pick(wanted: Uint8Array, among: Int32Array, picked: Int32Array): number;
}

/** How many of them go in fours. */
const inFours = (clicks: number): number => clicks & ~3;

/** For each width, the code of any of eight clicks by what the byte is that it is in. */
const CODES_OF_BYTES = new Map([1, 2, 4].map((width) => [width, codesOfBytes(width)]));

function codesOfBytes(width: number): Uint8Array {
  const perByte = 8 / width;
  const mask = (1 << width) - 1;
  return Uint8Array.from({ length: 256 * 8 }, (_, index) => {
    const [byte, click] = [index >> 3, index & 7];
    return (byte >> ((click % perByte) * width)) & mask;
  });
}

/** Codes of as many bits as divide a byte. They are looked up, which is quicker than to shift bits. */
export class BitCodes implements PackCodes {
  private readonly codes: Uint8Array;
  private readonly perByteBits: number;

  /** @param width 1, 2 or 4 */
  constructor(
    private readonly bytes: Uint8Array,
    width: number,
  ) {
    this.codes = CODES_OF_BYTES.get(width)!;
    this.perByteBits = 3 - Math.log2(width);
  }

  at(click: number): number {
    return this.codes[(this.bytes[click >> this.perByteBits]! << 3) | (click & 7)]!;
  }

  read(clicks: Int32Array, places: Uint8Array): void {
    const { bytes, codes, perByteBits } = this;
    const { length } = clicks;
    for (let index = 0; index < length; index += 1) {
      const click = clicks[index]!;
      places[index] = codes[(bytes[click >> perByteBits]! << 3) | (click & 7)]!;
    }
  }

  count(clicks: Int32Array, kinds: Uint8Array, sums: Int32Array): void {
    const { bytes, codes, perByteBits } = this;
    const { length } = clicks;
    const fours = inFours(length);
    const half = sums.length >> 1;
    let index = 0;
    for (; index < fours; index += 4) {
      const a = clicks[index]!;
      const b = clicks[index + 1]!;
      const c = clicks[index + 2]!;
      const d = clicks[index + 3]!;
      const ofA = codes[(bytes[a >> perByteBits]! << 3) | (a & 7)]!;
      const ofB = codes[(bytes[b >> perByteBits]! << 3) | (b & 7)]!;
      const ofC = codes[(bytes[c >> perByteBits]! << 3) | (c & 7)]!;
      const ofD = codes[(bytes[d >> perByteBits]! << 3) | (d & 7)]!;
      sums[(ofA << KIND_BITS) | kinds[index]!]! += 1;
      sums[half + ((ofB << KIND_BITS) | kinds[index + 1]!)]! += 1;
      sums[(ofC << KIND_BITS) | kinds[index + 2]!]! += 1;
      sums[half + ((ofD << KIND_BITS) | kinds[index + 3]!)]! += 1;
    }
    for (; index < length; index += 1) {
      sums[(this.at(clicks[index]!) << KIND_BITS) | kinds[index]!]! += 1;
    }
  }

  weigh(clicks: Int32Array, kinds: Uint8Array, weights: Uint32Array, sums: Int32Array): void {
    const { bytes, codes, perByteBits } = this;
    const { length } = clicks;
    for (let index = 0; index < length; index += 1) {
      const click = clicks[index]!;
      const code = codes[(bytes[click >> perByteBits]! << 3) | (click & 7)]!;
      sums[(code << KIND_BITS) | kinds[index]!]! += weights[click]!;
    }
  }

  pick(wanted: Uint8Array, among: Int32Array, picked: Int32Array): number {
    const { bytes, codes, perByteBits } = this;
    const { length } = among;
    const fours = inFours(length);
    let count = 0;
    let index = 0;
    for (; index < fours; index += 4) {
      const a = among[index]!;
      const b = among[index + 1]!;
      const c = among[index + 2]!;
      const d = among[index + 3]!;
      const isA = wanted[codes[(bytes[a >> perByteBits]! << 3) | (a & 7)]!]!;
      const isB = wanted[codes[(bytes[b >> perByteBits]! << 3) | (b & 7)]!]!;
      const isC = wanted[codes[(bytes[c >> perByteBits]! << 3) | (c & 7)]!]!;
      const isD = wanted[codes[(bytes[d >> perByteBits]! << 3) | (d & 7)]!]!;
      picked[count] = a;
      picked[count + isA] = b;
      picked[count + isA + isB] = c;
      picked[count + isA + isB + isC] = d;
      count += isA + isB + isC + isD;
    }
    for (; index < length; index += 1) {
      picked[count] = among[index]!;
      count += wanted[this.at(among[index]!)]!;
    }
    return count;
  }
}

/** Codes of whole bytes. */
export class WholeCodes implements PackCodes {
  constructor(private readonly codes: Uint8Array | Uint32Array) {}

  at(click: number): number {
    return this.codes[click]!;
  }

  read(clicks: Int32Array, places: Uint8Array): void {
    const { codes } = this;
    const { length } = clicks;
    for (let index = 0; index < length; index += 1) places[index] = codes[clicks[index]!]!;
  }

  count(clicks: Int32Array, kinds: Uint8Array, sums: Int32Array): void {
    const { codes } = this;
    const { length } = clicks;
    const fours = inFours(length);
    const half = sums.length >> 1;
    let index = 0;
    for (; index < fours; index += 4) {
      const ofA = codes[clicks[index]!]!;
      const ofB = codes[clicks[index + 1]!]!;
      const ofC = codes[clicks[index + 2]!]!;
      const ofD = codes[clicks[index + 3]!]!;
      sums[(ofA << KIND_BITS) | kinds[index]!]! += 1;
      sums[half + ((ofB << KIND_BITS) | kinds[index + 1]!)]! += 1;
      sums[(ofC << KIND_BITS) | kinds[index + 2]!]! += 1;
      sums[half + ((ofD << KIND_BITS) | kinds[index + 3]!)]! += 1;
    }
    for (; index < length; index += 1) {
      sums[(codes[clicks[index]!]! << KIND_BITS) | kinds[index]!]! += 1;
    }
  }

  weigh(clicks: Int32Array, kinds: Uint8Array, weights: Uint32Array, sums: Int32Array): void {
    const { codes } = this;
    const { length } = clicks;
    for (let index = 0; index < length; index += 1) {
      const click = clicks[index]!;
      sums[(codes[click]! << KIND_BITS) | kinds[index]!]! += weights[click]!;
    }
  }

  pick(wanted: Uint8Array, among: Int32Array, picked: Int32Array): number {
    const { codes } = this;
    const { length } = among;
    const fours = inFours(length);
    let count = 0;
    let index = 0;
    for (; index < fours; index += 4) {
      const a = among[index]!;
      const b = among[index + 1]!;
      const c = among[index + 2]!;
      const d = among[index + 3]!;
      const isA = wanted[codes[a]!]!;
      const isB = wanted[codes[b]!]!;
      const isC = wanted[codes[c]!]!;
      const isD = wanted[codes[d]!]!;
      picked[count] = a;
      picked[count + isA] = b;
      picked[count + isA + isB] = c;
      picked[count + isA + isB + isC] = d;
      count += isA + isB + isC + isD;
    }
    for (; index < length; index += 1) {
      picked[count] = among[index]!;
      count += wanted[codes[among[index]!]!]!;
    }
    return count;
  }
}
