import { wordsOfUuids } from '../pack-values.js';
import { NO_CLICKS, sum } from './breakdown.js';
import type { LinkTally } from './link-tally.js';
import type { Snapshot } from './report-database.js';
import type { Counts, LinkCounts, Scope, TagCounts } from './reports.types.js';

/** What reports ask of the links that were counted: which there are, and their tags. */
export class ReportLinksRepository {
  constructor(private readonly snapshot: Snapshot) {}

  /** Those with most clicks that are not deleted: if some are, one looks further. */
  async top(tally: LinkTally, limit: number): Promise<LinkCounts[]> {
    for (let count = limit; ; count *= 4) {
      const counted = tally.top(count);
      const present = await this.present(counted.map(([linkId]) => linkId));
      const top = counted.filter(([linkId]) => present.has(linkId)).slice(0, limit);
      if (top.length >= limit || counted.length < count)
        return top.map(([linkId, counts]) => ({ linkId, ...counts }));
    }
  }

  /** The tags whose links have clicks, most clicks first. */
  async tags(tally: LinkTally, scope: Scope, limit: number): Promise<TagCounts[]> {
    if ('linkIds' in scope) return [];
    const rows = await this.snapshot.query<{ tags: string[]; ids: Buffer }>(
      `SELECT tags, string_agg(uuid_send(id), '') AS ids FROM links
       WHERE workspace_id = $1 AND deleted_at IS NULL AND tags <> '{}' GROUP BY tags`,
      [scope.workspaceId],
    );
    const sums = new Map<string, Counts>();
    for (const { tags, ids } of rows) {
      const counts = tally.sumOf(wordsOfUuids(ids));
      if (counts.clicks === 0) continue;
      for (const tag of tags) sums.set(tag, sum([counts, sums.get(tag) ?? NO_CLICKS]));
    }
    return [...sums]
      .map(([tag, counts]) => ({ tag, ...counts }))
      .toSorted((a, b) => b.clicks - a.clicks || (a.tag < b.tag ? -1 : 1))
      .slice(0, limit);
  }

  /** The ids, as bytes, of those with the tag that the scope asks for; undefined: all. */
  async ofScope(scope: Scope): Promise<Buffer | undefined> {
    if ('linkIds' in scope || scope.tag === undefined) return undefined;
    const [row] = await this.snapshot.query<{ ids: Buffer | null }>(
      `SELECT string_agg(uuid_send(id), '' ORDER BY id) AS ids FROM links
       WHERE workspace_id = $1 AND deleted_at IS NULL AND tags @> ARRAY[$2::text]`,
      [scope.workspaceId, scope.tag],
    );
    return row!.ids ?? Buffer.alloc(0);
  }

  private async present(linkIds: string[]): Promise<Set<string>> {
    const rows = await this.snapshot.query<{ id: string }>(
      'SELECT id FROM links WHERE id = ANY($1::uuid[]) AND deleted_at IS NULL',
      [linkIds],
    );
    return new Set(rows.map(({ id }) => id));
  }
}
