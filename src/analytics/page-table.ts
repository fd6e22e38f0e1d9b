/** So many pages have a table. */
const TABLE_BITS = 12;
const TABLE = 1 << TABLE_BITS;
const NO_TABLE: Int32Array = new Int32Array(TABLE);

/** Numbers pages in the order in which they first come: the place of a page is found by two steps. */
export class PageTable {
  /** The pages, each at its place. */
  readonly pages: number[] = [];
  /** By the first bits of a page: for each page one more than its place, 0 if it has none. */
  private readonly tables = new Map<number, Int32Array>();
  /** The table that was used last: mostly it is the next one, too. */
  private last = NO_TABLE;
  private lastKey = -1;

  /** Its place, which is made if it has none. */
  placeOf(page: number): number {
    const key = page >>> TABLE_BITS;
    if (key !== this.lastKey || this.last === NO_TABLE) {
      this.last = this.tables.get(key) ?? new Int32Array(TABLE);
      this.lastKey = key;
      this.tables.set(key, this.last);
    }
    const { last } = this;
    const at = page & (TABLE - 1);
    if (last[at] === 0) last[at] = this.pages.push(page);
    return last[at]! - 1;
  }

  /** @returns -1 if it has none */
  find(page: number): number {
    const key = page >>> TABLE_BITS;
    if (key !== this.lastKey) {
      this.last = this.tables.get(key) ?? NO_TABLE;
      this.lastKey = key;
    }
    return this.last[page & (TABLE - 1)]! - 1;
  }
}
