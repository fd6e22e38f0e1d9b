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
export const inFours = (clicks: number): number => clicks & ~3;
