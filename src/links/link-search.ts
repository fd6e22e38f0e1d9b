import type { LinkFilter } from './links.types.js';

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

/** Code, title and URL as searches compare them; the index is on just this expression. */
const SEARCH_TEXT = `(lower(code) COLLATE "default" || chr(31) || search_title || chr(31) || search_url)`;

export function searchFor(workspaceIds: string[], filter: LinkFilter): LinkSearch {
  const values: unknown[] = [];
  const use = (value: unknown): string => `$${values.push(value) + 2}`;
  const candidates = [
    'workspace_id = workspace.id',
    `deleted_at IS ${filter.isDeleted ? 'NOT NULL' : 'NULL'}`,
  ];
  if (filter.beforeId) candidates.push(`id < ${use(filter.beforeId)}`);
  // Few links are on further hosts, which have an index; nearly all may be on the default one.
  if (filter.domain) candidates.push(`domain = ${use(filter.domain)} AND domain <> ''`);
  const matching: string[] = [];
  if (filter.domain === '') matching.push(`domain = ''`);
  if (filter.tag !== undefined) matching.push(`tags @> ARRAY[${use(filter.tag)}]::text[]`);
  if (filter.texts && filter.texts.length > 0) {
    const likes = filter.texts.map((text) => `${SEARCH_TEXT} LIKE ${use(`%${escapeLike(text)}%`)}`);
    matching.push(`(${likes.join(' OR ')})`);
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
