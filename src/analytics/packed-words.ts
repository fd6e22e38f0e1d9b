/** So that four bytes can be read wherever a number begins. */
const PADDING = 3;
/** With up to seven bits before them, those of a number are in four bytes. */
const MOST_BITS = 25;

/**
 * Numbers, each in as few bits as the largest needs (little-endian), that are read one by one where they
 * are. Loops that cannot wait for a call read them by the fields.
 */
export class PackedWords {
  readonly view: DataView;
  /** Bits of a number: it is in four bytes from the one on where its first bit is. */
  readonly width: number;
  readonly mask: number;

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
}
