import { type NewWords, newWordsOfTheirOwn } from './pack-format.js';

/**
 * Writes numbers from 0 to 2³² - 1 one after the other, small ones in few bytes: seven bits in each,
 * and the eighth says that there are more (LEB128, DWARF 5 §7.6).
 */
export class VarintWriter {
  private bytes = Buffer.allocUnsafe(64);
  private length = 0;

  write(number: number): void {
    let rest = number;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.writeByte((rest & 0x7f) | 0x80);
    this.writeByte(rest);
  }

  private writeByte(byte: number): void {
    if (this.length === this.bytes.length) this.grow();
    this.bytes[this.length] = byte;
    this.length += 1;
  }

  /** What was written so far. */
  get written(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  private grow(): void {
    const larger = Buffer.allocUnsafe(this.bytes.length * 2);
    this.bytes.copy(larger);
    this.bytes = larger;
  }
}

/** Reads what a VarintWriter has written. */
export class VarintReader {
  constructor(
    private readonly bytes: Uint8Array,
    public offset = 0,
  ) {}

  next(): number {
    let byte = this.nextByte();
    let number = byte & 0x7f;
    for (let scale = 128; byte > 0x7f; scale *= 128) {
      byte = this.nextByte();
      number += (byte & 0x7f) * scale;
    }
    return number;
  }

  private nextByte(): number {
    const byte = this.bytes[this.offset]!;
    this.offset += 1;
    return byte;
  }
}

/** The first so many of the numbers. */
export function readVarints(
  bytes: Buffer,
  count: number,
  newWords: NewWords = newWordsOfTheirOwn,
): Uint32Array {
  const numbers = newWords(count);
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const reader = new VarintReader(plain);
  for (let index = 0; index < count; index += 1) numbers[index] = reader.next();
  return numbers;
}
