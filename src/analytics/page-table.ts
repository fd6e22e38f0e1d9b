/** So many pages have a table. */
const TABLE_BITS = 12;
const TABLE = 1 << TABLE_BITS;

/** Numbers pages in the order in which they first come: the place of a page is found by two steps. */
export class PageTable {
  /** The pages, each at its place. */
  readonly pages: number[] = [];
  /** By the first bits of a page: for each page one more than its place, 0 if it has none. */
  private readonly tables = new Map<number, Int32Array>();

  /** Its place, which is made if it has none. */
  placeOf(page: number): number {
    let table = this.tables.get(page >>> TABLE_BITS);
    if (!table) this.tables.set(page >>> TABLE_BITS, (table = new Int32Array(TABLE)));
    const at = page & (TABLE - 1);
    if (table[at] === 0) table[at] = this.pages.push(page);
    return table[at]! - 1;
  }

  /** @returns -1 if it has none */
  find(page: number): number {
    const place = this.tables.get(page >>> TABLE_BITS)?.[page & (TABLE - 1)] ?? 0;
    return place - 1;
  }
}
