import { type ClickRows, readRows } from '../click-rows.js';
import { PackedColumn } from '../pack-column.js';
import { ROW_COLUMNS, type RowColumn } from '../pack-layout.js';
import type { Scratch } from './scratch.js';

/** The rows of a pack. What is in them is decoded when it is asked for. */
export class PackRows {
  private readonly rows: ClickRows;
  private readonly decoded = new Map<RowColumn, PackedColumn>();
  private startsOfRows: Uint32Array | undefined;
  private boundsOfKinds: Int32Array | undefined;

  constructor(
    bytes: Buffer,
    readonly scratch: Scratch,
  ) {
    this.rows = readRows(bytes, ROW_COLUMNS.length, scratch.newWords);
  }

  get size(): number {
    return this.rows.size;
  }

  /** How many clicks each row stands for. */
  get weights(): Uint32Array {
    return this.rows.weights;
  }

  column(name: RowColumn): PackedColumn {
    let column = this.decoded.get(name);
    if (!column) {
      const { size, columns } = this.rows;
      const bytes = columns[ROW_COLUMNS.indexOf(name)]!;
      column = PackedColumn.decode(bytes, size, this.scratch.newWords);
      this.decoded.set(name, column);
    }
    return column;
  }

  /** Of which kind the clicks of each row are, by its place in `KINDS`. */
  get kinds(): Uint8Array | Uint32Array {
    return this.column('kind').codes;
  }

  /** Where the rows of each kind begin and where they end, ascending: they are sorted by it. */
  get kindBounds(): Int32Array {
    return (this.boundsOfKinds ??= this.findKindBounds());
  }

  /** Where the clicks of each row begin, and where those of the last one end. */
  get starts(): Uint32Array {
    return (this.startsOfRows ??= this.addUpWeights());
  }

  private addUpWeights(): Uint32Array {
    const { size, weights } = this;
    const starts = this.scratch.newWords(size + 1);
    let sum = 0;
    for (let row = 0; row < size; row += 1) {
      starts[row] = sum;
      sum += weights[row]!;
    }
    starts[size] = sum;
    return starts;
  }

  private findKindBounds(): Int32Array {
    const { kinds, size } = this;
    const bounds: number[] = [];
    for (let start = 0; start < size;) {
      const end = endOf(kinds, start);
      bounds.push(start, end);
      start = end;
    }
    return Int32Array.from(bounds);
  }
}

/** Where the numbers end that are like the one at `start`, in an ascending list. */
function endOf(numbers: Uint8Array | Uint32Array, start: number): number {
  let [low, high] = [start + 1, numbers.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle] === numbers[start]) low = middle + 1;
    else high = middle;
  }
  return low;
}
