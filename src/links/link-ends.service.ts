import { Injectable } from '@nestjs/common';
import { DatabaseService } from '../platform/database/database.service.js';
import { DatabaseStatus } from '../platform/database/database-status.js';
import { PeriodicJob } from '../platform/database/periodic-job.js';
import { LinkChangesService } from './link-changes.service.js';
import { LinkEndsRepository } from './link-ends.repository.js';

const INTERVAL_MS = 2_000;
const LINKS_AT_ONCE = 200;

/**
 * Tells feeds of links that have expired, and of those that have spent all of their clicks: once for each end, by
 * whichever process takes it, in the transaction that takes it.
 */
@Injectable()
export class LinkEndsService extends PeriodicJob {
  constructor(
    status: DatabaseStatus,
    database: DatabaseService,
    ends: LinkEndsRepository,
    changes: LinkChangesService,
  ) {
    const tell = (
      type: 'link.expired' | 'link.spent',
      take: (limit: number) => Promise<string[]>,
    ): Promise<boolean> =>
      database.transaction(async () => {
        const ids = await take(LINKS_AT_ONCE);
        if (ids.length === 0) return false;
        const links = await ends.find(ids);
        await changes.tell(links.map((link) => ({ type, link, changed: [] })));
        return ids.length === LINKS_AT_ONCE;
      });
    super(status, INTERVAL_MS, async () => {
      const moreExpired = await tell('link.expired', (limit) => ends.takeExpired(limit));
      const moreSpent = await tell('link.spent', (limit) => ends.takeSpent(limit));
      return moreExpired || moreSpent;
    });
  }
}
