import type { ClickRecord } from '../recording/spool.types.js';
import { aggregate, visitorKey } from './click-aggregator.js';
import type { ClickEnricher } from './click-enricher.js';
import type { ClickPartitionsRepository } from './click-partitions.repository.js';
import type { ClicksRepository } from './clicks.repository.js';
import type { Click } from './ingestion.types.js';
import type { Segment } from './spool-reader.js';
import { dayOf, type Salts, visitorOf } from './visitor-hasher.js';

/** Brings segments into the database, each exactly once. */
export class Ingester {
  constructor(
    private readonly clicks: ClicksRepository,
    private readonly partitions: ClickPartitionsRepository,
    private readonly enricher: ClickEnricher,
  ) {}

  /**
   * One transaction for all of it: the ids of the segments and their rows. A segment that was
   * committed before, perhaps by a process killed before it could delete the file, adds nothing.
   * @returns how many clicks were added
   */
  async ingest(segments: Segment[]): Promise<number> {
    await this.partitions.ensure(
      segments.flatMap(({ records }) => records.map(({ clickedAt }) => clickedAt)),
    );
    let added = 0;
    await this.clicks.transaction(async () => {
      const known = await this.clicks.findIngested(segments.map(({ id }) => id));
      const fresh = segments.filter(({ id }) => !known.has(id));
      await this.clicks.insertSegments(fresh.map(({ id }) => id));
      added = await this.add(fresh);
    });
    return added;
  }

  private async add(segments: Segment[]): Promise<number> {
    const days = new Set(
      segments.flatMap(({ records }) => records.map(({ clickedAt }) => dayOf(clickedAt))),
    );
    if (days.size === 0) return 0;
    const salts = await this.clicks.saltsOf([...days].toSorted());
    const clicks = segments.flatMap(({ id, records }) =>
      records.map((record, index) => this.toClick(record, clickId(id, index, record), salts)),
    );
    const visitors = new Set(clicks.filter(({ isBot }) => !isBot).map(visitorKey));
    const newVisitors = await this.clicks.insertVisitors([...visitors].toSorted());
    const { rollups, totals } = aggregate(clicks, newVisitors);
    await this.clicks.insertClicks(clicks);
    await this.clicks.addToRollups(rollups);
    await this.clicks.addToTotals(totals);
    return clicks.length;
  }

  private toClick(record: ClickRecord, id: string, salts: Salts): Click {
    return {
      id,
      linkId: record.linkId,
      clickedAt: record.clickedAt,
      visitor: visitorOf(record, salts),
      ...this.enricher.enrich(record),
    };
  }
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
