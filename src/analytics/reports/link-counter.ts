import { KINDS } from '../click-moment.js';
import { inOrder } from '../pack-format.js';
import { DayWindow } from './day-window.js';
import { countsAt } from './kind-sums.js';
import type { LinkSet } from './link-set.js';
import type { PickedRows } from './picked-rows.js';
import type { Windows } from './report-plan.js';
import type { ReportTally } from './report-tally.js';
import type { Counts, ReportSelection } from './reports.types.js';
import type { StoredPack } from './stored-pack.js';
import { bucketAt } from './time-range.js';

/** Counts the links of packs. */
export class LinkCounter {
  /** @param wanted which links count; all, if undefined */
  constructor(
    private readonly selection: Pick<ReportSelection, 'starts' | 'filters'>,
    private readonly wanted: LinkSet | undefined,
    private readonly tally: ReportTally,
  ) {}

  /** @param picked rows that pass all filters; undefined if nothing but links tells what there was */
  add(pack: StoredPack, picked: PickedRows | undefined, { links, totals }: Windows): void {
    if (!pack.links) return;
    const window = new DayWindow(links, pack.day);
    if (!window.isEmpty) {
      const counts = this.countsOf(pack, picked, window);
      pack.links.addTo(this.tally.links, counts, this.wanted);
    }
    if (picked || new DayWindow(totals, pack.day).isEmpty) return;
    this.tally.addTotal(bucketAt(this.selection.starts, pack.day), this.totalOf(pack));
  }

  /** If most of the clicks count, the others are taken away from all. */
  private countsOf(
    pack: StoredPack,
    picked: PickedRows | undefined,
    window: DayWindow,
  ): Uint32Array {
    if (window.isWhole && this.selection.filters.length === 0) return pack.linkCounts;
    const isMost = window.isWhole && picked!.total.clicks * 2 > pack.size;
    const counts = pack.countsFrom(isMost);
    const counted = isMost ? picked!.complement() : picked!;
    pack.clicksByRow.addByLink(counted, window, isMost ? -1 : 1, counts);
    return counts;
  }

  private totalOf(pack: StoredPack): Counts {
    const { linkCounts } = pack;
    const { size } = pack.links!;
    const places = this.wanted ? pack.placesOf(this.wanted) : inOrder(size);
    const sums = new Float64Array(KINDS.length);
    for (const link of places) {
      for (let kind = 0; kind < KINDS.length; kind += 1) {
        sums[kind]! += linkCounts[kind * size + link]!;
      }
    }
    return countsAt(sums, 0);
  }
}
