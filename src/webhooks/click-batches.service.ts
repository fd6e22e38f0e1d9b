import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { EventsService } from '../events/events.service.js';
import { DatabaseService } from '../platform/database/database.service.js';
import { DatabaseStatus } from '../platform/database/database-status.js';
import { PeriodicJob } from '../platform/database/periodic-job.js';
import {
  ClickBatchesRepository,
  LINKS_AT_ONCE,
  type NewClicks,
} from './click-batches.repository.js';

const INTERVAL_MS = 2_000;
/** A workspace is told of clicks at most so often. */
const BATCH_SECONDS = 10;
/** So few that an event stays small. */
const LINKS_AN_EVENT = 200;

/**
 * Tells feeds of clicks as they are counted, of workspaces where a webhook wants to hear of them. It compares what
 * is counted of links with what was told of them, in the transaction that tells: so each click is told once,
 * whatever happens to its ingestion, which knows nothing of this.
 */
@Injectable()
export class ClickBatchesService extends PeriodicJob {
  constructor(
    status: DatabaseStatus,
    database: DatabaseService,
    batches: ClickBatchesRepository,
    events: EventsService,
    clock: Clock,
  ) {
    super(status, INTERVAL_MS, () =>
      database.transaction(async () => {
        if (!(await batches.lock())) return false;
        const due = await batches.findDue(BATCH_SECONDS);
        if (!due) return false;
        const news = await batches.takeNews(due.workspaceId, LINKS_AT_ONCE);
        const until = new Date(clock.now());
        await batches.setTold(due.workspaceId, until);
        await events.record(due.workspaceId, eventsOf(news, due.toldUntil, until));
        return true;
      }),
    );
  }
}

function eventsOf(news: NewClicks[], from: Date, until: Date) {
  const links = news.map(({ linkId, clicks, bots }) => {
    return { linkId, clicks, humans: Math.max(0, clicks - bots), bots };
  });
  const parts = Math.ceil(links.length / LINKS_AN_EVENT);
  return Array.from({ length: parts }, (_, part) => ({
    type: 'clicks.batch' as const,
    data: {
      from,
      until,
      links: links.slice(part * LINKS_AN_EVENT, (part + 1) * LINKS_AN_EVENT),
    },
  }));
}
