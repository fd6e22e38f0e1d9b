import type { LinkTally } from './link-tally.js';
import type { Snapshot } from './report-database.js';
import type { ReportTally } from './report-tally.js';
import type { LinkCounts, Scope } from './reports.types.js';

/** Many numbers of links as one value: bytes are read sooner than texts. */
const NUMBERS = `string_agg(int8send(number), '')`;
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

  /** The links of each set of tags. */
  async tagged(scope: Scope): Promise<TaggedLinks[]> {
    if ('linkIds' in scope) return [];
    const rows = await this.snapshot.query<{ tags: string[]; numbers: Buffer }>(
      `SELECT tags, ${NUMBERS} AS numbers FROM links
       WHERE workspace_id = $1 AND deleted_at IS NULL AND tags <> '{}' GROUP BY tags`,
      [scope.workspaceId],
    );
    return rows.map(({ tags, numbers }) => ({ tags, numbers: sortedNumbers(numbers) }));
  }

  /** The numbers, ascending, of those with the tag that the scope asks for; undefined: all. */
  async ofScope(scope: Scope): Promise<Uint32Array | undefined> {
    if ('linkIds' in scope || scope.tag === undefined) return undefined;
    const [row] = await this.snapshot.query<{ numbers: Buffer | null }>(
      `SELECT ${NUMBERS} AS numbers FROM links
       WHERE workspace_id = $1 AND deleted_at IS NULL AND tags @> ARRAY[$2::text]`,
      [scope.workspaceId, scope.tag],
    );
    return sortedNumbers(row!.numbers ?? Buffer.alloc(0));
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

/** None is beyond 32 bits. */
function sortedNumbers(bytes: Buffer): Uint32Array {
  const numbers = new Uint32Array(bytes.length / NUMBER_BYTES);
  for (let place = 0; place < numbers.length; place += 1) {
    numbers[place] = bytes.readUInt32BE(place * NUMBER_BYTES + 4);
  }
  return numbers.toSorted();
}
