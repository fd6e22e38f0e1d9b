import { Injectable } from '@nestjs/common';
import { LinksService } from '../../links/links.service.js';
import { ClickEventsRepository, type EventSelection } from './click-events.repository.js';
import { decodePosition, encodePosition } from './click-position.js';
import { invalidQuery } from './reports.problems.js';
import type {
  ClickEvent,
  ClickEventPage,
  ClickEventQuery,
  ClickPosition,
  Period,
} from './reports.types.js';
import { parseTime } from './time-range.js';
import { TimeZone } from './time-zone.js';

/** Rows of an export that are in memory at a time. */
const BATCH = 1_000;

/** The clicks of a link one by one, the newest first; nothing of them identifies a visitor. */
@Injectable()
export class ClickEventsService {
  constructor(
    private readonly events: ClickEventsRepository,
    private readonly links: LinksService,
  ) {}

  /** @throws ProblemError link-not-found, invalid-request */
  async page(userId: string, linkId: string, query: ClickEventQuery): Promise<ClickEventPage> {
    await this.links.get(userId, linkId, 'stats:read');
    const { limit, cursor } = query;
    const after = cursor === undefined ? undefined : decodePosition(cursor);
    // One more than asked for tells whether there is a next page.
    const found = await this.events.findPage({
      linkId,
      ...rangeOf(query),
      after,
      limit: limit + 1,
    });
    const items = found.slice(0, limit);
    const isLast = found.length <= limit;
    return { items, nextCursor: isLast ? null : encodePosition(positionOf(items)) };
  }

  /**
   * All clicks of the range, in batches. The first one is read before this resolves: what goes
   * wrong so far can still be answered as a problem.
   * @throws ProblemError link-not-found, invalid-request
   */
  async export(
    userId: string,
    linkId: string,
    query: Omit<Period, 'interval'>,
  ): Promise<AsyncIterable<ClickEvent[]>> {
    await this.links.get(userId, linkId, 'stats:read');
    const selection = { linkId, ...rangeOf(query), limit: BATCH };
    return this.batches(selection, await this.events.findPage(selection));
  }

  private async *batches(
    selection: EventSelection,
    first: ClickEvent[],
  ): AsyncGenerator<ClickEvent[]> {
    let batch = first;
    while (batch.length > 0) {
      yield batch;
      if (batch.length < BATCH) return;
      batch = await this.events.findPage({ ...selection, after: positionOf(batch) });
    }
  }
}

/** Any range will do, but one that ends before it begins must be a mistake. */
function rangeOf({ from, to, timezone }: Omit<Period, 'interval'>): { from?: number; to?: number } {
  const zone = TimeZone.find(timezone);
  if (!zone) throw invalidQuery(['timezone'], 'must be an IANA time zone');
  const range = {
    ...(from !== undefined && { from: parseTime(from, zone, 'start') }),
    ...(to !== undefined && { to: parseTime(to, zone, 'end') }),
  };
  if (range.from !== undefined && range.to !== undefined && range.from >= range.to) {
    throw invalidQuery(['from', 'to'], 'must be such that from is earlier than to');
  }
  return range;
}

function positionOf(batch: ClickEvent[]): ClickPosition {
  const { clickedAt, id } = batch.at(-1)!;
  return { clickedAt: clickedAt.getTime(), id };
}
