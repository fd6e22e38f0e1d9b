import { createHash } from 'node:crypto';
import { PackCounter } from './pack-counter.js';
import type { Snapshot } from './report-database.js';
import type { ReportPlan } from './report-plan.js';
import { packsStatement, settledEditionStatement } from './report-statement.js';
import { ReportTally } from './report-tally.js';
import type { ReportSelection } from './reports.types.js';
import { SettledCounts } from './settled-counts.js';
import { packRowOf, StoredPack } from './stored-pack.js';

/** To count fewer takes as long as to look whether the sums of the last time still hold. */
const FEWEST_CLICKS = 100_000;

/** What is counted of packs: the sums of days that are over, if they are known, and today's clicks. */
export class ReportPacksRepository {
  private readonly settled = new SettledCounts();

  /** @param fewestClicks the sums of so many settled clicks are kept */
  constructor(private readonly fewestClicks = FEWEST_CLICKS) {}

  /** @param links those that count; all, if undefined */
  async addTo(
    tally: ReportTally,
    snapshot: Snapshot,
    plan: ReportPlan,
    selection: ReportSelection,
    links: ReadonlySet<string> | undefined,
  ): Promise<void> {
    const known = this.settled.of(selection);
    if (known && known.edition === (await editionOf(snapshot, plan, selection, links))) {
      tally.addAll(known.tally);
      const counter = new PackCounter(plan, { ...selection, links }, tally);
      await readPacks(snapshot, plan, selection, 'unsettled', (pack) => counter.add(pack));
      return;
    }
    const settled = new ReportTally();
    const counter = new PackCounter(plan, { ...selection, links }, tally);
    const settledCounter = new PackCounter(plan, { ...selection, links }, settled);
    let clicks = 0;
    await readPacks(snapshot, plan, selection, 'all', (pack) => {
      (pack.isSettled ? settledCounter : counter).add(pack);
      if (pack.isSettled) clicks += pack.size;
    });
    tally.addAll(settled);
    if (clicks < this.fewestClicks) return;
    const edition = await editionOf(snapshot, plan, selection, links);
    this.settled.keep(selection, { edition, tally: settled });
  }
}

/** Hands over each pack as it comes, while PostgreSQL reads the next. */
async function readPacks(
  snapshot: Snapshot,
  plan: ReportPlan,
  selection: ReportSelection,
  which: 'all' | 'unsettled',
  onPack: (pack: StoredPack) => void,
): Promise<void> {
  const { sql, columns } = packsStatement(plan, selection, which);
  if (sql === '') return;
  await snapshot.copy(sql, (row) => onPack(new StoredPack(packRowOf(row, columns))));
}

/** Of the settled packs, and of the links that have a tag now. */
async function editionOf(
  snapshot: Snapshot,
  plan: ReportPlan,
  selection: ReportSelection,
  links: ReadonlySet<string> | undefined,
): Promise<string> {
  const { sql, parameters } = settledEditionStatement(plan, selection);
  const [row] = await snapshot.query<{ edition: string | null }>(sql, parameters);
  const tagged =
    links &&
    createHash('sha256')
      .update([...links].toSorted().join())
      .digest('base64');
  return `${row!.edition} ${tagged}`;
}
