import {
  CLICK_COLUMNS,
  type Counts,
  DAY_MS,
  type Dimension,
  type Filter,
  startOfDay,
  type TimeRange,
} from '../analytics.types.js';
import type { BlockQuery } from '../blocks/blocks.types.js';
import { COUNTS_OF_KIND, kindOf } from '../common/click-kinds.js';
import type { ClickSums } from '../common/click-sums.js';
import { milliseconds, type SqlClient, SqlParameters } from '../common/sql.js';
import { bucketAt } from '../common/time-ranges.js';
import type { ReportPlan } from './report-plan.js';
import type { ReportSelection } from './reports.types.js';
import type { HumanClick } from './visitors.js';

/** More than that are not read for the sake of their visitors: they take some 50 ms. */
const MOST_CLICKS_READ = 10_000;

type DayRow = Omit<Counts, 'humans'> & { ownerId: string; bucket: number };
type HumanRow = Omit<HumanClick, 'visitor' | 'values'> & { visitor: Buffer } & HumanClick['values'];
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

  /**
   * The clicks of humans that pass the filters, on the UTC days of the range: the first ones of visitors
   * first, then by time.
   * @param sums which links of a workspace have clicks that count
   * @returns undefined if there are too many
   */
  async humanClicks(
    { range, filters, groupBy }: ReportSelection,
    { owner, ownerIds }: BlockQuery,
    sums: ClickSums,
  ): Promise<HumanClick[] | undefined> {
    const { from, to } = wholeDays(range);
    const ofDays = new SqlParameters();
    const { rows: days } = await this.client.query<{ clicks: number }>(
      `SELECT coalesce(sum(clicks), 0)::float8 AS clicks FROM ${owner}_days
       WHERE ${ofDays.oneOf(`${owner}_id`, ownerIds)} AND day >= ${ofDays.time(from)} AND day < ${ofDays.time(to)}`,
      ofDays.values,
    );
    if (days[0]!.clicks > MOST_CLICKS_READ) return undefined;
    const parameters = new SqlParameters();
    const conditions = [
      ...(owner === 'link' ? [parameters.oneOf('link_id', ownerIds)] : []),
      `clicked_at >= ${parameters.time(from)}`,
      `clicked_at < ${parameters.time(to)}`,
      'NOT is_bot',
      ...filters.map((filter) => filterCondition(filter, parameters)),
    ].join(' AND ');
    const owners = parameters.add(ownerIds, 'uuid[]');
    const numbers = sums.links.top(MOST_CLICKS_READ).map(([number]) => number);
    const links =
      owner === 'link'
        ? `SELECT id, '{}'::text[] AS tags FROM unnest(${owners}) AS id`
        : `SELECT id, CASE WHEN deleted_at IS NULL THEN tags ELSE '{}' END AS tags FROM links
           WHERE number = ANY(${parameters.add(numbers, 'bigint[]')}) AND workspace_id = ANY(${owners})`;
    const { rows } = await this.client.query<HumanRow>(
      `WITH link AS MATERIALIZED (${links})
       SELECT link_id::text AS "linkId", tags, ${milliseconds('clicked_at')} AS at, visitor
         ${groupBy.map((name) => `, ${CLICK_COLUMNS[name]} AS ${name}`).join('')}
       FROM link JOIN clicks ON link_id = link.id WHERE ${conditions}
       ORDER BY is_new_visitor DESC, clicked_at, clicks.id`,
      parameters.values,
    );
    return rows.map(({ linkId, tags, at, visitor, ...values }) => ({
      linkId,
      tags,
      at,
      visitor: visitor.toString('latin1'),
      values,
    }));
  }
}

/** All of the UTC days that the range touches. */
const wholeDays = ({ from, to }: TimeRange): TimeRange => ({
  from: startOfDay(from),
  to: startOfDay(to - 1) + DAY_MS,
});

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
