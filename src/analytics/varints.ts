/**
 * Writes numbers from 0 to 2³² - 1 one after the other, small ones in few bytes: seven bits in each,
 * and the eighth says that there are more (LEB128, DWARF 5 §7.6).
 */
export class VarintWriter {
  private bytes: Buffer;
  private length = 0;

  /** @param expected how many bytes there may be */
  constructor(expected = 64) {
    this.bytes = Buffer.allocUnsafe(expected);
  }

  write(number: number): void {
    if (this.length + 5 > this.bytes.length) this.grow();
    let rest = number;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) {
      this.bytes[this.length] = (rest & 0x7f) | 0x80;
      this.length += 1;
    }
    this.bytes[this.length] = rest;
    this.length += 1;
  }

  /** What was written so far. */
  get written(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  private grow(): void {
    const larger = Buffer.allocUnsafe(this.bytes.length * 2 + 5);
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}

/** Fills `numbers`; what follows them is not read. */
export function readVarints(bytes: Buffer, numbers: Uint32Array): Uint32Array {
  // Loops are quicker on as few kinds of arrays as possible, and Buffer is one of its own.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const { length } = numbers;
  let offset = 0;
  let index = 0;
  while (index < length) {
    // Nearly all take a byte each, and to find that of four at a time takes half as long.
    if (index + 4 <= length) {
      const [a, b] = [plain[offset]!, plain[offset + 1]!];
      const [c, d] = [plain[offset + 2]!, plain[offset + 3]!];
      if ((a | b | c | d) < 0x80) {
        numbers[index] = a;
        numbers[index + 1] = b;
        numbers[index + 2] = c;
        numbers[index + 3] = d;
        index += 4;
        offset += 4;
        continue;
      }
    }
    let byte = plain[offset]!;
    offset += 1;
    let number = byte & 0x7f;
    for (let scale = 128; byte > 0x7f; scale *= 128) {
      byte = plain[offset]!;
      offset += 1;
      number += (byte & 0x7f) * scale;
    }
    numbers[index] = number;
    index += 1;
  }
  return numbers;
}
