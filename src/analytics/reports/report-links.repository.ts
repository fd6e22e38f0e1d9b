import type { LinkTally } from './link-tally.js';
import type { Snapshot } from './report-database.js';
import type { CountedLink } from './reports.types.js';

const NUMBER_BYTES = 8;

/** Links that have the same tags, by their numbers. */
export interface TaggedLinks {
  tags: string[];
  numbers: Uint32Array;
}

type PresentLink = Pick<CountedLink, 'linkId' | 'code' | 'title'>;

/** What reports ask of the links that were counted: which there are, and their tags. */
export class ReportLinksRepository {
  constructor(private readonly snapshot: Snapshot) {}

  /**
   * Those with most clicks that are still in the workspace: some may have been deleted or moved, and one
   * looks further then.
   */
  async top(workspaceId: string, tally: LinkTally, limit: number): Promise<CountedLink[]> {
    for (let count = limit; ; count *= 4) {
      const counted = tally.top(count);
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
    const rows = await this.snapshot.query<{ tags: string[]; numbers: Buffer }>(
      `SELECT tags, string_agg(int8send(number), '') AS numbers FROM links
       WHERE workspace_id = $1 AND deleted_at IS NULL AND tags <> '{}' GROUP BY tags`,
      [workspaceId],
    );
    return rows.map(({ tags, numbers }) => ({ tags, numbers: numbersIn(numbers) }));
  }

  private async present(workspaceId: string, numbers: number[]): Promise<Map<number, PresentLink>> {
    const rows = await this.snapshot.query<PresentLink & { number: number }>(
      `SELECT number::float8 AS number, id AS "linkId", code, title FROM links
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
