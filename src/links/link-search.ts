import type { LinkFilter } from './links.types.js';

/**
 * The words of links_search_idx: the planner uses the index only for the very same expression. With
 * the collation of `code`, which it would have otherwise, only A to Z would be lowered.
 */
const SEARCH_TEXT = `lower((code || ' ' || coalesce(title, '') || ' ' || url) COLLATE "default")`;

/** What to look for, as SQL; `values` are its parameters from $3 on. */
export interface LinkSearch {
  workspaceIds: string[];
  /** The links that a page is chosen from. */
  candidates: string;
  /** What the filter asks of them; empty if nothing. */
  matching: string;
  limit: number;
  values: unknown[];
}

export function searchFor(workspaceIds: string[], filter: LinkFilter): LinkSearch {
  const values: unknown[] = [];
  const use = (value: unknown): string => `$${values.push(value) + 2}`;
  const candidates = ['workspace_id = workspace.id', 'deleted_at IS NULL'];
  if (filter.beforeId) candidates.push(`id < ${use(filter.beforeId)}`);
  const matching: string[] = [];
  if (filter.tag !== undefined) matching.push(`tags @> ARRAY[${use(filter.tag)}]::text[]`);
  if (filter.search) {
    matching.push(`${SEARCH_TEXT} LIKE lower(${use(`%${escapeLike(filter.search)}%`)})`);
  }
  return {
    workspaceIds,
    candidates: candidates.join(' AND '),
    matching: matching.join(' AND '),
    limit: filter.limit,
    values,
  };
}

const escapeLike = (text: string): string => text.replace(/[\\%_]/g, '\\$&');
