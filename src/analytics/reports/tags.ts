import { NO_CLICKS, sum } from './breakdown.js';
import type { LinkTally } from './link-tally.js';
import type { TaggedLinks } from './report-links.repository.js';
import type { Counts, TagCounts } from './reports.types.js';

/** The tags whose links have clicks, most clicks first. */
export function tagCounts(tagged: TaggedLinks[], tally: LinkTally, limit: number): TagCounts[] {
  const sums = new Map<string, Counts>();
  for (const { tags, numbers } of tagged) {
    const counts = tally.sumOf(numbers);
    if (counts.clicks === 0) continue;
    for (const tag of tags) sums.set(tag, sum([counts, sums.get(tag) ?? NO_CLICKS]));
  }
  return [...sums]
    .map(([tag, counts]) => ({ tag, ...counts }))
    .toSorted((a, b) => b.clicks - a.clicks || (a.tag < b.tag ? -1 : 1))
    .slice(0, limit);
}

/** The numbers, ascending, of the links with a tag. */
export function linksWith(tag: string, tagged: TaggedLinks[]): Uint32Array {
  const groups = tagged.filter(({ tags }) => tags.includes(tag)).map(({ numbers }) => numbers);
  return Uint32Array.from(groups.flatMap((numbers) => [...numbers])).toSorted();
}
