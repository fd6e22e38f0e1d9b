import type { NewWords } from '../pack-format.js';

/** What a very large pack has taken beyond is given back. */
const KEPT_BYTES = 16 * 2 ** 20;

/**
 * Memory that is used again for each pack: so much of it of its own for every list of clicks would
 * keep the garbage collector busy.
 */
export class Scratch {
  private buffer = new ArrayBuffer(0);
  private used = 0;

  /** Everything taken so far is taken back. */
  reset(): void {
    this.used = 0;
    if (this.buffer.byteLength > KEPT_BYTES) this.buffer = new ArrayBuffer(0);
  }

  /** Room for so many, with anything in it. */
  words(length: number): Int32Array {
    const start = this.take(length * Int32Array.BYTES_PER_ELEMENT);
    return new Int32Array(this.buffer, start, length);
  }

  /** As `words`, but none of them is negative. */
  readonly newWords: NewWords = (length) => {
    const { buffer, byteOffset } = this.words(length);
    return new Uint32Array(buffer, byteOffset, length);
  };

  /** As `words`, but a byte each. */
  bytes(length: number): Uint8Array {
    const start = this.take(length);
    return new Uint8Array(this.buffer, start, length);
  }

  /** What was taken before keeps its own buffer if a larger one is needed. */
  private take(byteLength: number): number {
    const rounded = Math.ceil(byteLength / 4) * 4;
    if (this.used + rounded > this.buffer.byteLength) {
      this.buffer = new ArrayBuffer(2 * this.buffer.byteLength + rounded);
      this.used = 0;
    }
    const start = this.used;
    this.used += rounded;
    return start;
  }
}
