import { type DimensionColumn, PLACE_OF_DIMENSION, valuesIn } from '../pack-layout.js';
import type { PackValue } from '../pack-format.js';
import { passesFilter } from './filter.js';
import { MOST_SUMS_OF_VALUES } from './report-tally.js';
import type { Filter } from './reports.types.js';

/** Which values of a column of packs pass a filter. Most packs have the same ones. */
export class ColumnFilter {
  readonly column: DimensionColumn;
  private readonly part: number;
  private readonly known = new Map<PackValue, boolean>();

  constructor(private readonly filter: Filter) {
    const { column, part } = PLACE_OF_DIMENSION[filter.dimension];
    this.column = column;
    this.part = part;
  }

  passes(packed: PackValue): boolean {
    let passes = this.known.get(packed);
    if (passes === undefined) {
      const value = valuesIn(this.column, packed as string | null)[this.part]!;
      passes = passesFilter(this.filter, value);
      if (this.known.size < MOST_SUMS_OF_VALUES) this.known.set(packed, passes);
    }
    return passes;
  }
}
