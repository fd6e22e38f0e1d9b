const WORDS = 4;
const FIRST_CAPACITY = 1_024;
/** Knuth, The Art of Computer Programming 6.4: 2³² divided by the golden ratio. */
const MULTIPLIER = 0x9e3779b1;

/** That an index has no such id. */
export const UNKNOWN = -1;

/**
 * Numbers ids in the order in which they first come. A hash table on their bytes: making strings of
 * them, and hashing those, takes several times as long, and packs repeat the same ids every day.
 */
export class UuidIndex {
  /** How many there are. */
  size = 0;
  private bits = Math.log2(FIRST_CAPACITY) + 1;
  /** The ids one after the other, four words each. */
  private known = new Uint32Array(FIRST_CAPACITY * WORDS);
  /** One more than the number of the id that is there; at least half of the slots are free. */
  private slots = new Int32Array(FIRST_CAPACITY * 2);

  /**
   * @param ids many of them, four words each, of which this is the one at `place`
   * @returns its number; `size` as it was before, if it is new
   */
  numberOf(ids: Uint32Array, place: number): number {
    const slot = this.slotOf(ids, place * WORDS);
    const taken = this.slots[slot]!;
    if (taken > 0) return taken - 1;
    this.known.set(ids.subarray(place * WORDS, (place + 1) * WORDS), this.size * WORDS);
    this.size += 1;
    this.slots[slot] = this.size;
    if (this.size * 2 === this.slots.length) this.grow();
    return this.size - 1;
  }

  /** Another one with the same ids. */
  copy(): UuidIndex {
    const copy = new UuidIndex();
    copy.size = this.size;
    copy.bits = this.bits;
    copy.known = this.known.slice();
    copy.slots = this.slots.slice();
    return copy;
  }

  /** As `numberOf`, but an id that is new stays `UNKNOWN`. */
  find(ids: Uint32Array, place: number): number {
    return this.slots[this.slotOf(ids, place * WORDS)]! - 1;
  }

  /** All of them in the order of their numbers, four words each. */
  get ids(): Uint32Array {
    return this.known.subarray(0, this.size * WORDS);
  }

  /** Whether the id of one number comes before that of another, as texts do. */
  isBefore(number: number, other: number): boolean {
    const { known } = this;
    for (let word = 0; word < WORDS; word += 1) {
      const [one, two] = [known[number * WORDS + word]!, known[other * WORDS + word]!];
      if (one !== two) return bigEndian(one) < bigEndian(two);
    }
    return false;
  }

  /** Where the id is, or where it belongs. */
  private slotOf(ids: Uint32Array, at: number): number {
    const { known, slots } = this;
    const last = slots.length - 1;
    // The last bytes of a UUID are random, whatever its version.
    let slot = Math.imul(ids[at + 3]!, MULTIPLIER) >>> (32 - this.bits);
    for (; slots[slot]! > 0; slot = (slot + 1) & last) {
      const other = (slots[slot]! - 1) * WORDS;
      if (
        known[other + 3] === ids[at + 3] &&
        known[other + 2] === ids[at + 2] &&
        known[other + 1] === ids[at + 1] &&
        known[other] === ids[at]
      )
        break;
    }
    return slot;
  }

  private grow(): void {
    const { known } = this;
    this.bits += 1;
    this.slots = new Int32Array(2 ** this.bits);
    this.known = new Uint32Array(this.size * WORDS * 2);
    this.known.set(known);
    for (let number = 0; number < this.size; number += 1) {
      this.slots[this.slotOf(known, number * WORDS)] = number + 1;
    }
  }
}

const bigEndian = (word: number): number =>
  (((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
