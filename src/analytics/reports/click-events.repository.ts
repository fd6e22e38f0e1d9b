import { Inject, Injectable } from '@nestjs/common';
import { ReplicaService } from '../../database/replica.service.js';
import { CLICK_COLUMNS, type Dimension, DIMENSIONS } from '../analytics.types.js';
import { SqlParameters } from '../common/sql.js';
import type { ClickEvent, ClickPosition } from './reports.types.js';

export interface EventSelection {
  linkId: string;
  /** Unix milliseconds; `to` is exclusive. Without them, all that are kept. */
  from?: number;
  to?: number;
  /** Only what comes after this in the order, which is the newest first. */
  after?: ClickPosition;
  limit: number;
}

type EventRow = Omit<ClickEvent, 'dimensions'> & Record<Dimension, string | null>;

const COLUMNS = DIMENSIONS.map((name) => `${CLICK_COLUMNS[name]} AS ${name}`).join(', ');

/** Reads the clicks of a link one by one. */
@Injectable()
export class ClickEventsRepository {
  constructor(@Inject(ReplicaService) private readonly database: Pick<ReplicaService, 'query'>) {}

  /** The newest first; the primary key has them in this order. */
  async findPage(selection: EventSelection): Promise<ClickEvent[]> {
    const { linkId, from, to, after, limit } = selection;
    const parameters = new SqlParameters();
    const conditions = [`link_id = ${parameters.add(linkId, 'uuid')}`];
    if (from !== undefined) conditions.push(`clicked_at >= ${parameters.time(from)}`);
    if (to !== undefined) conditions.push(`clicked_at < ${parameters.time(to)}`);
    if (after) {
      const position = `(${parameters.time(after.clickedAt)}, ${parameters.add(after.id, 'uuid')})`;
      conditions.push(`(clicked_at, id) < ${position}`);
    }
    const rows = await this.database.query<EventRow>(
      `SELECT id, clicked_at AS "clickedAt", is_bot AS "isBot", ${COLUMNS} FROM clicks
       WHERE ${conditions.join(' AND ')}
       ORDER BY clicked_at DESC, id DESC LIMIT ${parameters.add(limit, 'bigint')}`,
      parameters.values,
    );
    return rows.map(({ id, clickedAt, isBot, ...dimensions }) => ({
      id,
      clickedAt,
      isBot,
      dimensions,
    }));
  }
}
