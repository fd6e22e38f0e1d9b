import { QUARTER_MS } from '../analytics.types.js';
import type { PackedColumn } from '../pack-column.js';
import type { PackValue } from '../pack-format.js';
import { type LinkList, LINK_WORDS } from '../packed-links.js';
import type { LinkSet } from './link-set.js';
import type { TimeRange } from './reports.types.js';
import type { StoredPack } from './stored-pack.js';

const NONE = new Int32Array();

/** Some clicks of a pack. */
export class PickedClicks {
  private kindsOfClicks: Uint8Array | undefined;

  private constructor(
    readonly pack: StoredPack,
    /** Their places in the pack, ascending. */
    readonly clicks: Int32Array,
  ) {}

  static allOf(pack: StoredPack): PickedClicks {
    return new PickedClicks(pack, pack.scratch.numbers(pack.size));
  }

  /** @param all those of the pack */
  static ofLinks(pack: StoredPack, { size, words }: LinkList, wanted: LinkSet): PickedClicks {
    const picked = pack.scratch.words(pack.size);
    let count = 0;
    let end = 0;
    for (let at = 0; at < size * LINK_WORDS; at += LINK_WORDS) {
      let click = end;
      end += words[at + 1]!;
      if (wanted.has(words[at]!)) for (; click < end; click += 1) picked[count++] = click;
    }
    return new PickedClicks(pack, picked.subarray(0, count));
  }

  get isEmpty(): boolean {
    return this.clicks.length === 0;
  }

  /** For each click the place of its kind. */
  get kinds(): Uint8Array {
    this.kindsOfClicks ??= this.readKinds();
    return this.kindsOfClicks;
  }

  /** Those of them whose value is wanted. */
  where({ values, places }: PackedColumn, isWanted: (value: PackValue) => boolean): PickedClicks {
    const wanted = Uint8Array.from(values, (value) => Number(isWanted(value)));
    if (!wanted.includes(0)) return this;
    if (!wanted.includes(1)) return this.restrictedTo(NONE);
    const picked = this.pack.scratch.words(this.clicks.length);
    const count = places.pick(wanted, this.clicks, picked);
    return this.restrictedTo(picked.subarray(0, count));
  }

  /** Those of them within the stretches. The times are read only of days with an edge. */
  within(stretches: TimeRange[]): PickedClicks {
    const { pack } = this;
    const quarters = pack.column('quarter');
    if (quarters)
      return this.where(quarters, (quarter) => isWithin(stretches, timeOf(pack, quarter)));
    return isWithin(stretches, pack.day) ? this : this.restrictedTo(NONE);
  }

  /** Those of them that are not within the stretches; of days with an edge only, of which times are read. */
  outside(stretches: TimeRange[]): PickedClicks {
    return this.where(
      this.pack.column('quarter')!,
      (quarter) => !isWithin(stretches, timeOf(this.pack, quarter)),
    );
  }

  private readKinds(): Uint8Array {
    const kinds = this.pack.scratch.bytes(this.clicks.length);
    this.pack.column('kind')!.places.read(this.clicks, kinds);
    return kinds;
  }

  private restrictedTo(clicks: Int32Array): PickedClicks {
    return new PickedClicks(this.pack, clicks);
  }
}

export const isWithin = (stretches: TimeRange[], time: number): boolean =>
  stretches.some(({ from, to }) => time >= from && time < to);

/** When the quarter of an hour begins; Unix milliseconds. */
export const timeOf = ({ day }: StoredPack, quarter: PackValue): number =>
  day + (quarter as number) * QUARTER_MS;
