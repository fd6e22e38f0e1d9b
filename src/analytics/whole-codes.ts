import { inFours, KIND_BITS, type PackCodes } from './pack-codes.js';

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
