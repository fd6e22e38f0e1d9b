/** How many bits tell the kinds of clicks apart. */
export const KIND_BITS = 2;

/**
 * For each click of a pack the place of its value. This is where reports spend their time: the loops
 * read fields and lengths once.
 */
export interface PackCodes {
  at(click: number): number;
  /**
   * Reads the places of some clicks.
   * @param picks which clicks; all, if undefined
   * @param places has room for them
   */
  read(picks: Int32Array | undefined, places: Uint8Array): void;
  /**
   * Adds up clicks by the place of their value and by their kind.
   * @param picks which clicks; all, if undefined
   * @param kinds of each of them
   * @param sums at `(place << KIND_BITS) | kind`
   */
  count(picks: Int32Array | undefined, kinds: Uint8Array, sums: Int32Array): void;
  /**
   * Picks those among the clicks whose value is wanted.
   * @param wanted 1 or 0 for each place
   * @param among in order; all, if undefined
   * @param picked has room for all of them
   * @returns how many were picked
   */
  pick(wanted: Uint8Array, among: Int32Array | undefined, picked: Int32Array): number;
}

/** Codes of as many bits as divide a byte. */
export class BitCodes implements PackCodes {
  private readonly perByteBits: number;
  private readonly widthBits: number;

  /** @param width 1, 2 or 4 */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly width: number,
  ) {
    this.widthBits = Math.log2(width);
    this.perByteBits = 3 - this.widthBits;
  }

  at(click: number): number {
    const { bytes, perByteBits, widthBits, width } = this;
    const shift = (click & ((1 << perByteBits) - 1)) << widthBits;
    return (bytes[click >> perByteBits]! >> shift) & ((1 << width) - 1);
  }

  read(picks: Int32Array | undefined, places: Uint8Array): void {
    const { bytes, perByteBits, widthBits } = this;
    const low = (1 << perByteBits) - 1;
    const mask = (1 << this.width) - 1;
    const { length } = places;
    for (let index = 0; index < length; index += 1) {
      const click = picks ? picks[index]! : index;
      places[index] = (bytes[click >> perByteBits]! >> ((click & low) << widthBits)) & mask;
    }
  }

  count(picks: Int32Array | undefined, kinds: Uint8Array, sums: Int32Array): void {
    const { bytes, perByteBits, widthBits } = this;
    const low = (1 << perByteBits) - 1;
    const mask = (1 << this.width) - 1;
    const { length } = kinds;
    for (let index = 0; index < length; index += 1) {
      const click = picks ? picks[index]! : index;
      const place = (bytes[click >> perByteBits]! >> ((click & low) << widthBits)) & mask;
      sums[(place << KIND_BITS) | kinds[index]!]! += 1;
    }
  }

  pick(wanted: Uint8Array, among: Int32Array | undefined, picked: Int32Array): number {
    const { bytes, perByteBits, widthBits } = this;
    const low = (1 << perByteBits) - 1;
    const mask = (1 << this.width) - 1;
    const { length } = picked;
    let count = 0;
    for (let index = 0; index < length; index += 1) {
      const click = among ? among[index]! : index;
      picked[count] = click;
      count += wanted[(bytes[click >> perByteBits]! >> ((click & low) << widthBits)) & mask]!;
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

  read(picks: Int32Array | undefined, places: Uint8Array): void {
    const { codes } = this;
    const { length } = places;
    for (let index = 0; index < length; index += 1) {
      places[index] = codes[picks ? picks[index]! : index]!;
    }
  }

  count(picks: Int32Array | undefined, kinds: Uint8Array, sums: Int32Array): void {
    const { codes } = this;
    const { length } = kinds;
    for (let index = 0; index < length; index += 1) {
      const place = codes[picks ? picks[index]! : index]!;
      sums[(place << KIND_BITS) | kinds[index]!]! += 1;
    }
  }

  pick(wanted: Uint8Array, among: Int32Array | undefined, picked: Int32Array): number {
    const { codes } = this;
    const { length } = picked;
    let count = 0;
    for (let index = 0; index < length; index += 1) {
      const click = among ? among[index]! : index;
      picked[count] = click;
      count += wanted[codes[click]!]!;
    }
    return count;
  }
}
