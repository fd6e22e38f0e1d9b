import type { Counts } from '../analytics.types.js';
import { NO_CLICKS, sum } from '../common/click-sums.js';
import type { LinkSums } from '../common/link-sums.js';
import type { SqlClient } from '../common/sql.js';
import type { CountedLink, TagCounts } from './reports.types.js';

const NUMBER_BYTES = 8;

/** Links that have the same tags, by their numbers. */
export interface TaggedLinks {
  tags: string[];
  numbers: Uint32Array;
}

type PresentLink = Pick<CountedLink, 'linkId' | 'domain' | 'code' | 'title'>;

/** What reports ask of the links that were counted: which there are, and their tags. */
export class ReportLinksRepository {
  constructor(private readonly client: SqlClient) {}

  /**
   * Those with most clicks that are still in the workspace: some may have been deleted or moved, and one
   * looks further then.
   */
  async top(workspaceId: string, sums: LinkSums, limit: number): Promise<CountedLink<Counts>[]> {
    for (let count = limit; ; count *= 4) {
      const counted = sums.top(count);
      const present = await this.present(
        workspaceId,
        counted.map(([number]) => number),
      );
      const top = counted.flatMap(([number, counts]) => {
        const link = present.get(number);
        return link ? [{ ...link, ...counts }] : [];
      });
      if (top.length >= limit || counted.length < count) return top.slice(0, limit);
    }
  }

  /** The links of a workspace by the tags that they have, from the index alone. */
  async tagged(workspaceId: string): Promise<TaggedLinks[]> {
    const { rows } = await this.client.query<{ tags: string[]; numbers: Buffer }>(
      `SELECT tags, string_agg(int8send(number), '') AS numbers FROM links
       WHERE workspace_id = $1 AND deleted_at IS NULL AND tags <> '{}' GROUP BY tags`,
      [workspaceId],
    );
    return rows.map(({ tags, numbers }) => ({ tags, numbers: numbersIn(numbers) }));
  }

  private async present(workspaceId: string, numbers: number[]): Promise<Map<number, PresentLink>> {
    const { rows } = await this.client.query<PresentLink & { number: number }>(
      `SELECT number::float8 AS number, id AS "linkId", domain, code, title FROM links
       WHERE number = ANY($1::bigint[]) AND workspace_id = $2 AND deleted_at IS NULL`,
      [numbers, workspaceId],
    );
    return new Map(rows.map(({ number, ...link }) => [number, link]));
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

/** The numbers, ascending, of the links with a tag. */
export function linksWith(tag: string, tagged: TaggedLinks[]): Uint32Array {
  const groups = tagged.filter(({ tags }) => tags.includes(tag)).map(({ numbers }) => numbers);
  return Uint32Array.from(groups.flatMap((numbers) => [...numbers])).toSorted();
}

/** The tags whose links have clicks, most clicks first. */
export function tagCounts(
  tagged: TaggedLinks[],
  sums: LinkSums,
  limit: number,
): TagCounts<Counts>[] {
  const ofTags = new Map<string, Counts>();
  for (const { tags, numbers } of tagged) {
    const counts = sum(Array.from(numbers, (number) => sums.of(number)));
    if (counts.clicks === 0) continue;
    for (const tag of tags) ofTags.set(tag, sum([counts, ofTags.get(tag) ?? NO_CLICKS]));
  }
  return [...ofTags]
    .map(([tag, counts]) => ({ tag, ...counts }))
    .toSorted((a, b) => b.clicks - a.clicks || (a.tag < b.tag ? -1 : 1))
    .slice(0, limit);
}
