/*
 * Runs of rows are told by their bounds: where one begins and where it ends, and so on, ascending.
 */

/**
 * The parts of runs that are wanted. Without a branch: nobody can predict which row passes.
 * @param codes of all rows
 * @param wanted 1 for codes that are, and 0
 * @param picked gets the bounds
 * @returns how many there are
 */
export function pickRuns(
  codes: Uint8Array | Uint32Array,
  wanted: Uint8Array,
  bounds: Int32Array,
  picked: Int32Array,
): number {
  let count = 0;
  for (let at = 0; at < bounds.length; at += 2) {
    const end = bounds[at + 1]!;
    let isPicked = 0;
    for (let row = bounds[at]!; row < end; row += 1) {
      const isWanted = wanted[codes[row]!]!;
      picked[count] = row;
      count += isWanted ^ isPicked;
      isPicked = isWanted;
    }
    picked[count] = end;
    count += isPicked;
  }
  return count;
}

/**
 * What is between runs, some of it empty.
 * @param within runs of which each of the others is in one
 * @param others gets the bounds, as many as both have
 */
export function putBetween(within: Int32Array, runs: Int32Array, others: Int32Array): void {
  let at = 0;
  for (let outer = 0; outer < within.length; outer += 2) {
    const end = within[outer + 1]!;
    others[outer + at] = within[outer]!;
    for (; runs[at]! < end; at += 2) {
      others[outer + at + 1] = runs[at]!;
      others[outer + at + 2] = runs[at + 1]!;
    }
    others[outer + at + 1] = end;
  }
}
