import { CLICK_COLUMNS, type Counts, type Dimension, type Filter } from '../analytics.types.js';
import type { BlockQuery } from '../blocks/blocks.types.js';
import { COUNTS_OF_KIND, kindOf } from '../click-kinds.js';
import type { ClickSums } from '../click-sums.js';
import { milliseconds, type SqlClient, SqlParameters } from '../sql.js';
import { bucketAt } from '../time-ranges.js';
import type { ReportPlan } from './report-plan.js';

type DayRow = Omit<Counts, 'humans'> & { ownerId: string; bucket: number };
type ClickRow = { linkId: string; at: number; isBot: boolean; isNewVisitor: boolean } & Record<
  Dimension,
  string | null
>;

/** What is counted of days without their blocks. */
export class ReportCountsRepository {
  constructor(private readonly client: SqlClient) {}

  /** Adds the totals of whole days. */
  async addDays({ days, query }: ReportPlan, sums: ClickSums): Promise<void> {
    if (days.length === 0) return;
    const { owner, ownerIds, starts } = query;
    const parameters = new SqlParameters();
    const { rows } = await this.client.query<DayRow>(
      `SELECT ${owner}_id::text AS "ownerId",
         width_bucket(day, ${parameters.times(starts)}) - 1 AS bucket, sum(clicks)::float8 AS clicks,
         sum(bots)::float8 AS bots, sum(visitors)::float8 AS visitors
       FROM ${parameters.ranges(days)} JOIN ${owner}_days ON day >= since AND day < until
       WHERE ${parameters.oneOf(`${owner}_id`, ownerIds)} GROUP BY 1, 2`,
      parameters.values,
    );
    for (const { ownerId, bucket, clicks, bots, visitors } of rows) {
      const counts = { clicks, humans: clicks - bots, bots, visitors };
      sums.addTotal(bucket, counts, owner === 'link' ? ownerId : undefined);
    }
  }

  /**
   * Adds the clicks of links on days that have no blocks. PostgreSQL must not read all clicks of a link to
   * find those of a few days: so the days are materialised, and of a single link, the common case, the clicks
   * of each are apart (OFFSET). Distributed tables refuse that where several nodes are asked.
   */
  async addQuietDays(query: BlockQuery, sums: ClickSums): Promise<void> {
    const { owner, ownerIds, times, starts, filters, dimensions } = query;
    if (owner === 'workspace' || times.length === 0) return;
    const parameters = new SqlParameters();
    const columns = dimensions.map((name) => `, ${CLICK_COLUMNS[name]} AS ${name}`).join('');
    const conditions = filters
      .map((filter) => ` AND ${filterCondition(filter, parameters)}`)
      .join('');
    const isOneOf = parameters.oneOf('link_id', ownerIds);
    const { rows } = await this.client.query<ClickRow>(
      `WITH quiet AS MATERIALIZED (
         SELECT link_id, greatest(day, since) AS since, least(day + interval '24 hours', until) AS until
         FROM ${parameters.ranges(times)}
         JOIN link_days ON day < until AND day + interval '24 hours' > since AND blocks = 0
         WHERE ${isOneOf}
       )
       SELECT click.* FROM quiet CROSS JOIN LATERAL (
         SELECT link_id::text AS "linkId", ${milliseconds('clicked_at')} AS at, is_bot AS "isBot",
           is_new_visitor AS "isNewVisitor"${columns}
         FROM clicks WHERE link_id = quiet.link_id AND clicked_at >= quiet.since
           AND clicked_at < quiet.until${conditions}
           ${ownerIds.length === 1 ? `AND ${isOneOf} OFFSET 0` : ''}
       ) AS click`,
      parameters.values,
    );
    for (const click of rows) {
      const counts = COUNTS_OF_KIND[kindOf(click)];
      sums.addTotal(bucketAt(starts, click.at), counts, click.linkId);
      for (const name of dimensions) {
        const value = click[name];
        if (value !== null) sums.addValue(name, value, counts);
      }
    }
  }
}

/** Whether a click passes the filter. */
function filterCondition({ dimension, only, not }: Filter, parameters: SqlParameters): string {
  const column = CLICK_COLUMNS[dimension];
  const matches = (values: (string | null)[]): string => {
    const known = values.filter((value) => value !== null);
    const isKnown = `coalesce(${column} = ANY(${parameters.add(known, 'text[]')}), false)`;
    return values.includes(null) ? `(${isKnown} OR ${column} IS NULL)` : isKnown;
  };
  const conditions: string[] = [];
  if (only.length > 0) conditions.push(matches(only));
  if (not.length > 0) conditions.push(`NOT ${matches(not)}`);
  return conditions.join(' AND ') || 'true';
}
