import { encodeCursor } from '../common/cursor.js';
import type { Page } from './workspaces.types.js';

/** The page of what was found, which is one more than `limit` if there is a next page. */
export function pageOf<T>(found: T[], limit: number, idOf: (item: T) => string): Page<T> {
  const items = found.slice(0, limit);
  return { items, nextCursor: found.length > limit ? encodeCursor(idOf(items.at(-1)!)) : null };
}
