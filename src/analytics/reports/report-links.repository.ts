import type { LinkTally } from './link-tally.js';
import type { Snapshot } from './report-database.js';
import type { ReportTally } from './report-tally.js';
import type { LinkCounts, Scope } from './reports.types.js';

const NUMBER_BYTES = 8;

/** Links that have the same tags, by their numbers. */
export interface TaggedLinks {
  tags: string[];
  numbers: Uint32Array;
}

/** What reports ask of the links that were counted: which there are, and their tags. */
export class ReportLinksRepository {
  constructor(private readonly snapshot: Snapshot) {}

  /** Those with most clicks. */
  async top(tally: ReportTally, scope: Scope, limit: number): Promise<LinkCounts[]> {
    if ('workspaceId' in scope) return this.topPresent(tally.links, limit);
    return [...tally.linksById]
      .map(([linkId, counts]) => ({ linkId, ...counts }))
      .filter(({ clicks }) => clicks > 0)
      .toSorted((a, b) => b.clicks - a.clicks)
      .slice(0, limit);
  }

  /** The links of a workspace by the tags that they have. Each half has an index of its own. */
  async tagged(workspaceId: string): Promise<TaggedLinks[]> {
    const rows = await this.snapshot.query<{ tags: string[]; numbers: Buffer }>(
      `SELECT tags, string_agg(int8send(number), '') AS numbers FROM (
         SELECT tags, number FROM links WHERE workspace_id = $1 AND deleted_at IS NULL
           AND tags <> '{}' AND cardinality(tags) <= 10
         UNION ALL SELECT tags, number FROM links WHERE workspace_id = $1 AND deleted_at IS NULL
           AND cardinality(tags) > 10
       ) AS tagged GROUP BY tags`,
      [workspaceId],
    );
    return rows.map(({ tags, numbers }) => ({ tags, numbers: numbersIn(numbers) }));
  }

  /** Some may be deleted: then one looks further. */
  private async topPresent(tally: LinkTally, limit: number): Promise<LinkCounts[]> {
    for (let count = limit; ; count *= 4) {
      const counted = tally.top(count);
      const ids = await this.presentIds(counted.map(([number]) => number));
      const top = counted.flatMap(([number, counts]) => {
        const linkId = ids.get(number);
        return linkId === undefined ? [] : [{ linkId, ...counts }];
      });
      if (top.length >= limit || counted.length < count) return top.slice(0, limit);
    }
  }

  private async presentIds(numbers: number[]): Promise<Map<number, string>> {
    const rows = await this.snapshot.query<{ number: number; id: string }>(
      `SELECT number::float8 AS number, id FROM links
       WHERE number = ANY($1::bigint[]) AND deleted_at IS NULL`,
      [numbers],
    );
    return new Map(rows.map(({ number, id }) => [number, id]));
  }
}

/** Many as one value, because bytes are read sooner than texts. None is beyond 32 bits. */
function numbersIn(bytes: Buffer): Uint32Array {
  const numbers = new Uint32Array(bytes.length / NUMBER_BYTES);
  for (let place = 0; place < numbers.length; place += 1) {
    numbers[place] = bytes.readUInt32BE(place * NUMBER_BYTES + 4);
  }
  return numbers;
}
