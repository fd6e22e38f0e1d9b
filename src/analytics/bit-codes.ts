import { inFours, KIND_BITS, type PackCodes } from './pack-codes.js';

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
