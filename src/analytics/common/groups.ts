/**
 * Groups of items that follow one another, none larger than `max`; an item that is too large is one
 * of its own.
 */
export function groupsOf<T>(
  items: readonly T[],
  sizeOf: (item: T) => number,
  max: number,
): [T, ...T[]][] {
  const groups: [T, ...T[]][] = [];
  let room = 0;
  for (const item of items) {
    const size = sizeOf(item);
    if (groups.length === 0 || size > room) {
      groups.push([item]);
      room = max;
    } else groups.at(-1)!.push(item);
    room -= size;
  }
  return groups;
}

/** The items by a key that they have. */
export function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, [T, ...T[]]> {
  const groups = new Map<K, [T, ...T[]]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
