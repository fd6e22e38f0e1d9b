import { KIND_BITS } from '../click-moment.js';
import type { PackedWords } from '../packed-words.js';
import type { PackClicks } from './clicks-by-row.js';
import { QUARTERS, type DayWindow } from './day-window.js';
import type { PackRows } from './pack-rows.js';
import type { PickedRows } from './picked-rows.js';

/** The links of a pack, and some of them. */
export interface SomeLinks {
  /** Of all, as of `PackedLinks.counts`. */
  counts: Uint32Array;
  /** Of some, ascending. */
  places: Uint32Array;
}

/** The clicks of a pack that are of some links, in the order of these. */
export class ClicksByLink implements PackClicks {
  /** Where the clicks of each link begin, and where those of the last one end. */
  private readonly starts: Uint32Array;
  private readonly places: Uint32Array;
  private ofWholeDay: Uint32Array | undefined;

  constructor(
    private readonly rows: PackRows,
    { counts, places }: SomeLinks,
    private readonly rowsOfClicks: PackedWords,
    private readonly quarters: Uint8Array | undefined,
  ) {
    this.places = places;
    this.starts = startsOf(counts, rows);
  }

  weights(window: DayWindow): Uint32Array {
    if (window.isWhole) return (this.ofWholeDay ??= this.weighAll());
    const { starts, rowsOfClicks } = this;
    const quarters = this.quarters!;
    const counted = this.rows.scratch.newWords(this.rows.size).fill(0);
    for (const link of this.places) {
      for (let click = starts[link]!; click < starts[link + 1]!; click += 1) {
        counted[rowsOfClicks.at(click)]! += window.has[quarters[click]!]!;
      }
    }
    return counted;
  }

  byQuarter(picked: PickedRows): Uint32Array {
    const { kinds } = picked;
    const { starts, places, rowsOfClicks } = this;
    const quarters = this.quarters!;
    const sums = this.rows.scratch.newWords(QUARTERS << KIND_BITS).fill(0);
    for (let index = 0; index < places.length; index += 1) {
      const link = places[index]!;
      const end = starts[link + 1]!;
      for (let click = starts[link]!; click < end; click += 1) {
        const row = rowsOfClicks.at(click);
        sums[(quarters[click]! << KIND_BITS) | kinds[row]!]! += 1;
      }
    }
    return sums;
  }

  /** If most clicks are of these links, it is quicker to count those in between. */
  private weighAll(): Uint32Array {
    const { starts, places } = this;
    const { weights, size, scratch } = this.rows;
    const counted = scratch.newWords(size);
    let clicks = 0;
    for (const link of places) clicks += starts[link + 1]! - starts[link]!;
    if (clicks * 2 < starts.at(-1)!) this.add(places, 1, counted.fill(0));
    else {
      counted.set(weights);
      this.add(this.otherLinks(), -1, counted);
    }
    return counted;
  }

  /** @param sign 1 or -1 */
  private add(links: Uint32Array, sign: number, counted: Uint32Array): void {
    const { starts, rowsOfClicks } = this;
    for (let index = 0; index < links.length; index += 1) {
      const link = links[index]!;
      rowsOfClicks.addEach(starts[link]!, starts[link + 1]!, sign, counted);
    }
  }

  private otherLinks(): Uint32Array {
    const { places } = this;
    const size = this.starts.length - 1;
    const others = this.rows.scratch.newWords(size - places.length);
    for (let link = 0, index = 0; link < size; link += 1) {
      if (places[index] === link) index += 1;
      else others[link - index] = link;
    }
    return others;
  }
}

function startsOf(counts: Uint32Array, { scratch }: PackRows): Uint32Array {
  const links = counts.length / 3;
  const starts = scratch.newWords(links + 1);
  let sum = 0;
  for (let link = 0; link < links; link += 1) {
    starts[link] = sum;
    sum += counts[link]! + counts[links + link]! + counts[2 * links + link]!;
  }
  starts[links] = sum;
  return starts;
}
