import { LRUCache } from 'lru-cache';
import { startOfDay } from '../analytics.types.js';
import { groupBy } from '../common/groups.js';
import { type ClickRecord, type Mark, MARKS } from '../common/spool-format.js';
import { bisect } from './bisect.js';
import { countLinks, groupByDay } from './click-aggregator.js';
import type { ClickCountsRepository, KnownLink } from './click-counts.repository.js';
import type { ClickDeletionsRepository } from './click-deletions.repository.js';
import type { ClickEnricher } from './click-enricher.js';
import type { ClickPartitionsRepository } from './click-partitions.repository.js';
import type { ClicksRepository } from './clicks.repository.js';
import type { DayCounter } from './day-counter.js';
import type { Click } from './ingestion.types.js';
import { isRefusal } from './refusal.js';
import type { Segment } from './spool-reader.js';
import { dayOf, type Salts, visitorKey, visitorOf } from './visitor-hasher.js';
import type { VisitorSaltsRepository } from './visitor-salts.repository.js';

const MAX_KNOWN_LINKS = 100_000;

/** Brings segments into the database, each exactly once. */
export class Ingester {
  private readonly links = new LRUCache<string, KnownLink>({ max: MAX_KNOWN_LINKS });

  constructor(
    private readonly clicks: ClicksRepository,
    private readonly counts: ClickCountsRepository,
    private readonly days: DayCounter,
    private readonly partitions: ClickPartitionsRepository,
    private readonly enricher: ClickEnricher,
    private readonly salts: VisitorSaltsRepository,
    private readonly deletions: ClickDeletionsRepository,
  ) {}

  /**
   * One transaction for all of it: the ids of the segments and their rows. A segment that was
   * committed before, perhaps by a process killed before it could delete the file, adds nothing.
   * @returns how many clicks were added
   */
  async ingest(segments: Segment[]): Promise<number> {
    const salts = await this.prepare(segments);
    let added = 0;
    await this.clicks.transaction(async () => {
      const claimed = await this.clicks.claimSegments(segments.map(({ id }) => id));
      const clicks = segments
        // Of two copies of a segment, one.
        .filter(({ id }) => claimed.delete(id))
        .flatMap(({ id, records }) =>
          records.map((record, index) => this.toClick(record, clickId(id, index, record), salts)),
        );
      if (clicks.length > 0) await this.add(clicks);
      added = clicks.length;
    });
    return added;
  }

  /**
   * Stores of a segment that the database refuses as a whole what it takes, in one transaction with the id
   * of the segment.
   * @param withinMs how long it may look for the clicks that are refused
   * @param mark told before the commit which records, by their index, are not stored: from then on the
   * file of the segment must tell it
   * @returns how many clicks were added
   */
  async sift(
    segment: Segment,
    withinMs: number,
    mark: (marks: Map<number, Mark>) => Promise<void>,
  ): Promise<number> {
    const salts = await this.prepare([segment]);
    const { id, records } = segment;
    const clickOf = (index: number): Click => {
      const record = records[index]!;
      return this.toClick(record, clickId(id, index, record), salts);
    };
    let added = 0;
    await this.clicks.transaction(async () => {
      const claimed = await this.clicks.claimSegments([id]);
      if (!claimed.has(id)) return;
      await this.clicks.checkAtOnce();
      const isStored = (part: number[]): Promise<boolean> =>
        this.clicks
          .savepoint(() => this.add(part.map(clickOf), true))
          .then(
            () => true,
            (error) => {
              if (isRefusal(error)) return false;
              throw error;
            },
          );
      const found = await bisect(byLink(records), isStored, withinMs);
      const marks = new Map(MARKS.flatMap((name) => found[name].map((index) => [index, name])));
      await mark(marks);
      added = records.length - marks.size;
    });
    return added;
  }

  /** Before the transaction, so that nobody who needs the same has to wait for its end. */
  private async prepare(segments: Segment[]): Promise<Salts> {
    const days = [
      ...new Set(
        segments.flatMap(({ records }) => records.map(({ clickedAt }) => startOfDay(clickedAt))),
      ),
    ].toSorted((a, b) => a - b);
    await this.partitions.ensure(days);
    return this.salts.of(days.map(dayOf));
  }

  /**
   * The tables come in one order everywhere, so that ingesters wait for each other, if at all.
   * @param tellsRefusals as `insertClicks` has it
   */
  private async add(all: Click[], tellsRefusals = false): Promise<void> {
    const clicks = await this.notDeleted(all);
    if (clicks.length === 0) return;
    await this.markNewVisitors(clicks);
    const links = await this.linksOf(clicks);
    for (const click of clicks) click.linkNumber = links.get(click.linkId)?.number;
    await this.clicks.insertClicks(clicks, tellsRefusals);
    // Counted before the first row is locked that other ingesters may be waiting for.
    const totals = countLinks(clicks);
    const ofLinks = groupByDay(clicks, ({ linkId }) => linkId);
    const ofWorkspaces = groupByDay(clicks, ({ linkId }) => links.get(linkId)?.workspaceId);
    await this.days.add('link', ofLinks);
    await this.counts.addToLinkTotals(totals);
    await this.days.add('workspace', ofWorkspaces);
  }

  /** Without clicks from before those of their link were deleted: nobody deletes any in the meantime. */
  private async notDeleted(clicks: Click[]): Promise<Click[]> {
    const ends = await this.deletions.ends([...new Set(clicks.map(({ linkId }) => linkId))]);
    if (ends.size === 0) return clicks;
    return clicks.filter(({ linkId, clickedAt }) => clickedAt > (ends.get(linkId) ?? -Infinity));
  }

  /** Whoever is new is counted with their first click. */
  private async markNewVisitors(clicks: Click[]): Promise<void> {
    const firsts = new Map<string, Click>();
    for (const click of clicks) {
      const key = visitorKey(click);
      if (!click.isBot && !firsts.has(key)) firsts.set(key, click);
    }
    for (const key of await this.clicks.insertVisitors(firsts)) {
      firsts.get(key)!.isNewVisitor = true;
    }
  }

  /** A link has moved to another workspace, whoever it is: moves are rare, and links soon known again. */
  forgetLinks(): void {
    this.links.clear();
  }

  private async linksOf(clicks: Click[]): Promise<Map<string, KnownLink>> {
    const linkIds = [...new Set(clicks.map(({ linkId }) => linkId))];
    const unknown = linkIds.filter((linkId) => !this.links.has(linkId));
    const links = new Map<string, KnownLink>();
    for (const linkId of linkIds) {
      const known = this.links.get(linkId);
      if (known) links.set(linkId, known);
    }
    for (const link of await this.counts.knownLinks(unknown)) {
      this.links.set(link.id, link);
      links.set(link.id, link);
    }
    return links;
  }

  private toClick(record: ClickRecord, id: string, salts: Salts): Click {
    return {
      id,
      linkId: record.linkId,
      clickedAt: record.clickedAt,
      visitor: visitorOf(record, salts),
      isNewVisitor: false,
      ...this.enricher.enrich(record),
    };
  }
}

/**
 * The indices of the records by link. Those that are alike come one after the other: what is refused for
 * the same reason is then found sooner.
 */
function byLink(records: ClickRecord[]): number[][] {
  const keys = records.map(({ referrer, query, userAgent }) =>
    [referrer, query, userAgent].join('\n'),
  );
  const groups = groupBy([...records.keys()], (index) => records[index]!.linkId);
  return [...groups.values()].map((indices) =>
    indices.toSorted((a, b) => (keys[a] === keys[b] ? a - b : keys[a]! < keys[b]! ? -1 : 1)),
  );
}

/**
 * A UUIDv7 (RFC 9562) of the click's time and place in the spool: the same click always gets the
 * same id, and ids sort by time. Two bytes of it count the records of a segment, four identify it.
 */
export function clickId(segmentId: string, index: number, { clickedAt }: ClickRecord): string {
  const time = clickedAt.toString(16).padStart(12, '0');
  const place = index.toString(16).padStart(7, '0');
  const segment = segmentId.replaceAll('-', '').slice(-11);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${place.slice(0, 3)}-8${segment.slice(0, 3)}-${segment.slice(3)}${place.slice(3)}`;
}
