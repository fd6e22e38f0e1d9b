/** So that four bytes can be read wherever a number begins. */
const PADDING = 3;
/** With up to seven bits before them, those of a number are in four bytes. */
const MOST_BITS = 25;

/**
 * Numbers, each in as few bits as the largest needs (little-endian), that are read one by one where they
 * are.
 */
export class PackedWords {
  private readonly view: DataView;
  /** Bits of a number: it is in four bytes from the one on where its first bit is. */
  private readonly width: number;
  private readonly mask: number;

  constructor(bytes: Buffer) {
    this.width = bytes.readUInt8();
    this.mask = 2 ** this.width - 1;
    this.view = new DataView(bytes.buffer, bytes.byteOffset + 1, bytes.length - 1);
  }

  /** @throws RangeError if one is 2²⁵ or more */
  static encode(numbers: Uint32Array): Buffer {
    const most = numbers.reduce((max, number) => Math.max(max, number), 0);
    const width = Math.max(1, 32 - Math.clz32(most));
    if (width > MOST_BITS) throw new RangeError(`${most} has more than ${MOST_BITS} bits`);
    const bytes = Buffer.alloc(1 + Math.ceil((numbers.length * width) / 8) + PADDING);
    bytes.writeUInt8(width);
    const words = bytes.subarray(1);
    for (let index = 0, bit = 0; index < numbers.length; index += 1, bit += width) {
      const at = bit >>> 3;
      const before = words.readUInt32LE(at);
      words.writeUInt32LE((before | (numbers[index]! << (bit & 7))) >>> 0, at);
    }
    return bytes;
  }

  at(index: number): number {
    const bit = index * this.width;
    return (this.view.getUint32(bit >>> 3, true) >>> (bit & 7)) & this.mask;
  }

  /**
   * Adds to the sum of each number of a stretch; four at a turn, because a turn of a loop takes as long as
   * one of them.
   */
  addEach(from: number, to: number, addend: number, sums: Uint32Array): void {
    const { view, width, mask } = this;
    const end = to * width;
    const last = end - 3 * width;
    let bit = from * width;
    for (; bit < last; bit += 4 * width) {
      const second = bit + width;
      const third = second + width;
      const fourth = third + width;
      sums[(view.getUint32(bit >>> 3, true) >>> (bit & 7)) & mask]! += addend;
      sums[(view.getUint32(second >>> 3, true) >>> (second & 7)) & mask]! += addend;
      sums[(view.getUint32(third >>> 3, true) >>> (third & 7)) & mask]! += addend;
      sums[(view.getUint32(fourth >>> 3, true) >>> (fourth & 7)) & mask]! += addend;
    }
    for (; bit < end; bit += width) {
      sums[(view.getUint32(bit >>> 3, true) >>> (bit & 7)) & mask]! += addend;
    }
  }
}
