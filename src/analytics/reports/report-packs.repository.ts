import { PackedLinks } from '../packed-links.js';
import { GroupCounters } from './group-counters.js';
import { type CountedGroups, KeptCounts } from './kept-counts.js';
import type { Snapshot } from './report-database.js';
import type { ReportPlan } from './report-plan.js';
import { linksByValueStatement, packIdsStatement, packsStatement } from './report-statement.js';
import type { ReportTally } from './report-tally.js';
import type { Filter, ReportSelection } from './reports.types.js';
import { Scratch } from './scratch.js';
import { packRowOf, StoredPack } from './stored-pack.js';

/** To count fewer takes as long as to look which packs there are now. */
const FEWEST_CLICKS = 100_000;

/** For all: one pack is counted after the other. */
const SCRATCH = new Scratch();

/** What packs are counted for. */
export interface PackQuestion {
  plan: ReportPlan;
  selection: ReportSelection;
  /** The numbers of the links that count, ascending; all, if undefined. */
  links: Uint32Array | undefined;
}

/** Counts packs, and those that were counted for the same question before only if it has to. */
export class ReportPacksRepository {
  private readonly kept: KeptCounts;

  /**
   * @param mostSums how many sums are kept at most
   * @param fewestClicks what was counted of so many is kept
   */
  constructor(
    mostSums: number,
    private readonly fewestClicks = FEWEST_CLICKS,
  ) {
    this.kept = new KeptCounts(mostSums);
  }

  async addTo(tally: ReportTally, snapshot: Snapshot, question: PackQuestion): Promise<void> {
    const { selection, links } = question;
    const known = this.kept.of(selection, links);
    const counters = known
      ? await countSince(known, snapshot, question)
      : await count(snapshot, question, new Map());
    const { groups, clicks } = counters;
    for (const counted of groups.values()) tally.addAll(counted.tally);
    if (known || clicks >= this.fewestClicks) this.kept.keep(selection, links, groups);
  }
}

/** Counts what has come since, and anew the groups of which a pack is gone. */
async function countSince(
  known: CountedGroups,
  snapshot: Snapshot,
  question: PackQuestion,
): Promise<GroupCounters> {
  const { sql, parameters } = packIdsStatement(question.plan, question.selection);
  const packs = await snapshot.query<{ id: string; group: number }>(sql, parameters);
  const present = new Set(packs.map(({ id, group }) => `${group} ${id}`));
  const valid = new Map(
    [...known].filter(([group, { ids }]) => [...ids].every((id) => present.has(`${group} ${id}`))),
  );
  const others = packs.filter(({ id, group }) => !valid.get(group)?.ids.has(id));
  const ids = others.map(({ id }) => id);
  return count(snapshot, question, valid, ids);
}

/**
 * Counts each pack as it comes, while PostgreSQL reads the next.
 * @param known is added to
 * @param ids which packs; all, if undefined
 */
async function count(
  snapshot: Snapshot,
  { plan, selection, links }: PackQuestion,
  known: CountedGroups,
  ids?: string[],
): Promise<GroupCounters> {
  const { starts, filters } = selection;
  const counters = new GroupCounters(plan, { starts, filters, links }, known);
  const { sql, parts } = packsStatement(plan, selection, ids);
  if (sql === '' || ids?.length === 0) return counters;
  await snapshot.copy(sql, (row) => counters.add(new StoredPack(packRowOf(row, parts), SCRATCH)));
  if (plan.linkFilter)
    await addLinks(counters, snapshot, plan.linkFilter, { plan, selection, ids });
  return counters;
}

/** Of packs that were counted without looking which of their links' clicks pass the filter. */
async function addLinks(
  counters: GroupCounters,
  snapshot: Snapshot,
  filter: Filter,
  {
    plan,
    selection,
    ids,
  }: Pick<PackQuestion, 'plan' | 'selection'> & { ids: string[] | undefined },
): Promise<void> {
  const sql = linksByValueStatement(plan, selection, filter, ids);
  if (sql === '') return;
  const passes = filter.only.length > 0;
  await snapshot.copy(sql, (row) => {
    const [group, links] = row as [Buffer, Buffer];
    counters.addLinks(group.readInt32BE(), new PackedLinks(links), passes);
  });
}
