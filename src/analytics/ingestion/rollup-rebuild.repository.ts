import type { ClientBase } from 'pg';
import { MOST_CLICKS_WITHOUT_PACKS, type Owner } from '../analytics.types.js';
import { dayState } from './click-counts.repository.js';
import type { DayState, TimeStretch } from './ingestion.types.js';
import { timestamp } from './sql-values.js';

export interface CountedLink {
  id: string;
  /** How many it was counted with so far. */
  clicks: number;
}

/** The SQL that counts stored clicks anew, on one connection. */
export class RollupRebuildRepository {
  constructor(private readonly client: ClientBase) {}

  /** How many links were ever clicked, as far as was counted. */
  async linkCount(): Promise<number> {
    const { rows } = await this.client.query<{ count: number }>(
      'SELECT count(*)::float8 AS count FROM link_totals',
    );
    return rows[0]!.count;
  }

  /** The next links that have clicks, or counts of clicks, in the order of their ids. */
  async nextLinks(after: string, limit: number): Promise<CountedLink[]> {
    const { rows } = await this.client.query<CountedLink>(
      `SELECT id, coalesce(clicks, 0)::float8 AS clicks
       FROM (${nextOf('clicks')} UNION ${nextOf('link_days')}) AS known
       LEFT JOIN link_totals ON link_id = id ORDER BY id LIMIT $2`,
      [after, limit],
    );
    return rows;
  }

  /** @returns the days on which there were so many clicks that they need packs */
  async recountDays(linkIds: string[], stretch: TimeStretch): Promise<DayState[]> {
    await this.forget('link', linkIds, stretch);
    const { rows } = await this.client.query<DayState>(
      `WITH counted AS (
         INSERT INTO link_days (link_id, day, clicks, bots, visitors)
         SELECT link_id, date_trunc('day', clicked_at, 'UTC'), count(*),
           count(*) FILTER (WHERE is_bot), count(*) FILTER (WHERE is_new_visitor)
         FROM clicks WHERE link_id = ANY($1::uuid[]) AND clicked_at >= $2 AND clicked_at < $3
         GROUP BY 1, 2
         RETURNING *
       )
       SELECT ${dayState('link')} FROM counted WHERE clicks > ${MOST_CLICKS_WITHOUT_PACKS}`,
      parametersOf(linkIds, stretch),
    );
    return rows;
  }

  /** From the days, which go back further than single clicks do. */
  async recountTotals(linkIds: string[]): Promise<void> {
    await this.client.query(
      `INSERT INTO link_totals AS known (link_id, clicks, bots, visitors, last_clicked_at)
       SELECT link_id, clicks, bots, visitors, coalesce(newest.clicked_at, last_day) FROM (
         SELECT link_id, sum(clicks) AS clicks, sum(bots) AS bots, sum(visitors) AS visitors,
           max(day) AS last_day
         FROM link_days WHERE link_id = ANY($1::uuid[]) GROUP BY link_id
       ) AS days LEFT JOIN LATERAL (
         SELECT clicked_at FROM clicks WHERE clicks.link_id = days.link_id
         ORDER BY clicked_at DESC LIMIT 1
       ) AS newest ON true
       ON CONFLICT (link_id) DO UPDATE SET clicks = excluded.clicks, bots = excluded.bots,
         visitors = excluded.visitors,
         last_clicked_at = greatest(known.last_clicked_at, excluded.last_clicked_at)`,
      [linkIds],
    );
  }

  async workspaces(): Promise<string[]> {
    const { rows } = await this.client.query<{ id: string }>(
      'SELECT id FROM workspaces ORDER BY id',
    );
    return rows.map(({ id }) => id);
  }

  /**
   * From the days of its links, which were counted before.
   * @returns the days on which there were clicks
   */
  async recountWorkspace(workspaceId: string, stretch: TimeStretch): Promise<DayState[]> {
    await this.forget('workspace', [workspaceId], stretch);
    const { rows } = await this.client.query<DayState>(
      `WITH counted AS (
         INSERT INTO workspace_days (workspace_id, day, clicks, bots, visitors)
         SELECT workspace_id, day, sum(clicks), sum(bots), sum(visitors)
         FROM links JOIN link_days ON link_id = links.id
         WHERE workspace_id = ANY($1::uuid[]) AND day >= $2 AND day < $3
         GROUP BY 1, 2
         RETURNING *
       )
       SELECT ${dayState('workspace')} FROM counted`,
      parametersOf([workspaceId], stretch),
    );
    return rows;
  }

  private async forget(owner: Owner, ownerIds: string[], stretch: TimeStretch): Promise<void> {
    for (const [table, time] of [
      ['rollups', 'bucket'],
      ['packs', 'day'],
      ['days', 'day'],
    ]) {
      await this.client.query(
        `DELETE FROM ${owner}_${table}
         WHERE ${owner}_id = ANY($1::uuid[]) AND ${time} >= $2 AND ${time} < $3`,
        parametersOf(ownerIds, stretch),
      );
    }
  }
}

const parametersOf = (ownerIds: string[], { from, to }: TimeStretch): unknown[] => [
  ownerIds,
  timestamp(from),
  timestamp(to),
];

/** Jumps from link to link: DISTINCT would read every click of those with millions. */
const nextOf = (table: string): string => `(
  WITH RECURSIVE next AS (
    (SELECT link_id FROM ${table} WHERE link_id > $1 ORDER BY link_id LIMIT 1)
    UNION ALL
    SELECT (SELECT link_id FROM ${table} WHERE link_id > next.link_id ORDER BY link_id LIMIT 1)
    FROM next WHERE link_id IS NOT NULL
  )
  SELECT link_id AS id FROM next WHERE link_id IS NOT NULL LIMIT $2
)`;
