import type { Kind } from './click-moment.js';
import { type NewWords, newWordsOfTheirOwn } from './pack-format.js';
import { readVarints, VarintWriter } from './varints.js';

/** How many words there are for a link: its number, clicks, bots and visitors. */
export const LINK_WORDS = 4;
const SIZE_BYTES = 4;

/**
 * Links with how many clicks each has, in the order of their numbers. Ids take 16 bytes, which is more
 * than all else that is known of most links of a pack.
 */
export class PackedLinks {
  private constructor(
    readonly size: number,
    /** Number, clicks, bots and visitors of one link after the other. */
    readonly words: Uint32Array,
  ) {}

  static decode(bytes: Buffer, newWords: NewWords = newWordsOfTheirOwn): PackedLinks {
    const size = bytes.readUInt32LE();
    const words = readVarints(bytes.subarray(SIZE_BYTES), newWords(size * LINK_WORDS));
    for (let at = LINK_WORDS; at < words.length; at += LINK_WORDS) {
      words[at]! += words[at - LINK_WORDS]!;
    }
    return new PackedLinks(size, words);
  }
}

/** Packs links from clicks. */
export class PackedLinksBuilder {
  private readonly writer = new VarintWriter();
  private size = 0;
  private written = 0;
  private number = 0;
  private clicks = 0;
  private bots = 0;
  private visitors = 0;

  /** @param number of the link; the clicks come in the order of these */
  add(number: number, kind: Kind): void {
    if (number !== this.number) {
      this.write();
      this.number = number;
    }
    this.clicks += 1;
    if (kind === 'bot') this.bots += 1;
    else if (kind === 'visitor') this.visitors += 1;
  }

  build(): Buffer {
    this.write();
    const size = Buffer.allocUnsafe(SIZE_BYTES);
    size.writeUInt32LE(this.size);
    return Buffer.concat([size, this.writer.written]);
  }

  private write(): void {
    if (this.clicks === 0) return;
    this.writer.write(this.number - this.written);
    this.writer.write(this.clicks);
    this.writer.write(this.bots);
    this.writer.write(this.visitors);
    this.written = this.number;
    this.size += 1;
    this.clicks = this.bots = this.visitors = 0;
  }
}
