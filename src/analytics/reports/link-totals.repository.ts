import { Inject, Injectable } from '@nestjs/common';
import { ReplicaService } from '../../platform/database/replica.service.js';
import type { LinkTotals } from './reports.types.js';

/** Reads the totals of links. */
@Injectable()
export class LinkTotalsRepository {
  constructor(@Inject(ReplicaService) private readonly database: Pick<ReplicaService, 'query'>) {}

  /** Of all time; a link that nobody ever clicked has no row. */
  ofAllTime(linkIds: string[]): Promise<LinkTotals[]> {
    return this.database.query<LinkTotals>(
      `SELECT link_id AS "linkId", last_clicked_at AS "lastClickedAt", clicks::float8 AS clicks,
         (clicks - bots)::float8 AS humans, bots::float8 AS bots, visitors::float8 AS visitors
       FROM link_totals WHERE link_id = ANY($1::uuid[])`,
      [linkIds],
    );
  }
}
