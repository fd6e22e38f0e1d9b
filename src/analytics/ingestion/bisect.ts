/** What could not be stored. */
export interface Unstored<T> {
  /** Refused also alone. */
  refused: T[];
  /** Nobody had the time to find out. */
  undecided: T[];
}

/** So many times as long it may take until the groups are told apart. */
const TIMES_FOR_GROUPS = 4;

/**
 * Stores all items but those that are refused, which it finds by halving what is refused: first between
 * groups, so that one group of which all is refused holds up no other.
 * @param store whether it could store them; else it has stored none of them
 * @param withinMs ends after this time, but not before something is decided, so that whoever comes again
 * with what was undecided gets to an end
 */
export async function bisect<T>(
  groups: T[][],
  store: (part: T[]) => Promise<boolean>,
  withinMs: number,
): Promise<Unstored<T>> {
  const begun = performance.now();
  const refused: T[] = [];
  /** Parts of several groups, and of one. */
  const several: T[][][] = [];
  const single: T[][][] = [];
  const queue = (part: T[][]): unknown => (part.length > 1 ? several : single).push(part);
  if (groups.length > 0) queue(groups);
  let isAnyDecided = false;
  while (several.length + single.length > 0) {
    const elapsed = performance.now() - begun;
    const isOver = elapsed > (several.length > 0 ? TIMES_FOR_GROUPS * withinMs : withinMs);
    if (isOver && isAnyDecided) break;
    // The large parts first, of which most can be stored; later on the small ones, to decide some.
    const part = isOver
      ? (single.pop() ?? several.pop())
      : (several.shift() ?? (elapsed < withinMs / 2 ? single.shift() : single.pop()));
    const items = part!.flat();
    const isStored = await store(items);
    if (isStored || items.length === 1) {
      isAnyDecided = true;
      if (!isStored) refused.push(...items);
    } else if (part!.length > 1) halves(part!).forEach(queue);
    else halves(items).forEach((half) => queue([half]));
  }
  return { refused, undecided: [...several, ...single].flat(2) };
}

function halves<T>(items: T[]): [T[], T[]] {
  const middle = items.length >> 1;
  return [items.slice(0, middle), items.slice(middle)];
}
