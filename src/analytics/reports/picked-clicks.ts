import { QUARTER_MS } from '../analytics.types.js';
import type { PackedColumn } from '../pack-column.js';
import type { PackValue } from '../pack-values.js';
import type { TimeRange } from './reports.types.js';
import type { StoredPack } from './stored-pack.js';

const NONE = new Int32Array();

/** Some clicks of a pack. */
export class PickedClicks {
  private kindsOfClicks: Uint8Array | undefined;

  private constructor(
    readonly pack: StoredPack,
    /** In order; all, if undefined. */
    readonly clicks: Int32Array | undefined,
  ) {}

  static allOf(pack: StoredPack): PickedClicks {
    return new PickedClicks(pack, undefined);
  }

  get isEmpty(): boolean {
    return this.clicks?.length === 0;
  }

  /** For each click the place of its kind. */
  get kinds(): Uint8Array {
    if (this.kindsOfClicks) return this.kindsOfClicks;
    const kinds = new Uint8Array(this.clicks?.length ?? this.pack.size);
    this.pack.kinds.places.read(this.clicks, kinds);
    this.kindsOfClicks = kinds;
    return kinds;
  }

  /** Those of them whose value is wanted. */
  where({ values, places }: PackedColumn, isWanted: (value: PackValue) => boolean): PickedClicks {
    const wanted = Uint8Array.from({ length: values.size }, (_, place) =>
      Number(isWanted(values.at(place))),
    );
    if (!wanted.includes(0)) return this;
    if (!wanted.includes(1)) return new PickedClicks(this.pack, NONE);
    const picked = new Int32Array(this.clicks?.length ?? this.pack.size);
    const count = places.pick(wanted, this.clicks, picked);
    return new PickedClicks(this.pack, picked.subarray(0, count));
  }

  /** Those of them within the stretches. The times are read only of days with an edge. */
  within(stretches: TimeRange[]): PickedClicks {
    const { pack } = this;
    const isWithin = (time: number): boolean =>
      stretches.some(({ from, to }) => time >= from && time < to);
    const quarters = pack.column('quarter');
    if (quarters) return this.where(quarters, (quarter) => isWithin(timeOf(pack, quarter)));
    return isWithin(pack.day) ? this : new PickedClicks(pack, NONE);
  }
}

/** When the quarter of an hour begins; Unix milliseconds. */
export const timeOf = ({ day }: StoredPack, quarter: PackValue): number =>
  day + (quarter as number) * QUARTER_MS;
