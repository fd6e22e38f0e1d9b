/** What could not be stored. */
export interface Unstored<T> {
  /** Refused also alone. */
  refused: T[];
  /** Nobody had the time to find out. */
  undecided: T[];
}

/**
 * Stores all items but those that are refused, which it finds by halving what is refused.
 * @param store whether it could store them; else it has stored none of them
 * @param withinMs ends after this time, but not before something is decided, so that whoever comes again
 * with what was undecided gets to an end
 */
export async function bisect<T>(
  items: T[],
  store: (part: T[]) => Promise<boolean>,
  withinMs: number,
): Promise<Unstored<T>> {
  const begun = performance.now();
  const refused: T[] = [];
  const parts = items.length > 0 ? [items] : [];
  let isAnyDecided = false;
  while (parts.length > 0) {
    const elapsed = performance.now() - begun;
    if (elapsed > withinMs && isAnyDecided) break;
    // The large parts first, of which most can be stored; later on the small ones, to decide some.
    const part = (elapsed < withinMs / 2 ? parts.shift() : parts.pop())!;
    const isStored = await store(part);
    if (isStored || part.length === 1) {
      isAnyDecided = true;
      if (!isStored) refused.push(...part);
    } else {
      const middle = part.length >> 1;
      parts.push(part.slice(0, middle), part.slice(middle));
    }
  }
  return { refused, undecided: parts.flat() };
}
