import {
  ALL_CLICKS,
  CLICK_COLUMNS,
  type Dimension,
  DIMENSION_BUCKET_MS,
} from '../analytics.types.js';
import { isDimension, type ReportSelection, type TimeRange } from './reports.types.js';
import { filterCondition, scopeCondition, SqlParameters } from './report-conditions.js';

export const SUMS = `sum(clicks)::float8 AS clicks, sum(clicks - bots)::float8 AS humans,
  sum(bots)::float8 AS bots, sum(visitors)::float8 AS visitors`;

/**
 * The whole report in one statement, so that all of it tells the same moment. Without filters it
 * adds up rollups, so that its cost depends on the length of the range and not on the clicks.
 */
export function reportStatement(selection: ReportSelection): {
  sql: string;
  parameters: unknown[];
} {
  const parameters = new SqlParameters();
  const starts = parameters.add(
    selection.starts.map((start) => new Date(start).toISOString()),
    'timestamptz[]',
  );
  const source = sourceOf(selection, parameters);
  const parts = [
    `SELECT NULL AS "group", NULL AS value, false AS other,
       width_bucket(at, ${starts}) - 1 AS bucket, ${SUMS}
     FROM totals GROUP BY bucket`,
  ];
  if (selection.groupBy.length > 0) {
    const values = valuesOf(selection, source);
    parts.push(topValues(values, parameters.add(selection.limit, 'bigint')));
  }
  const totals = `totals AS (${source.totals})`;
  const sql = `WITH ${[...source.expressions, totals].join(', ')} ${parts.join(' UNION ALL ')}
    ORDER BY clicks DESC, value`;
  return { sql, parameters: parameters.values };
}

/** The biggest values of each group, and the sum of the others. */
const topValues = (values: string, limit: string): string => `
  SELECT "group", CASE WHEN rank <= ${limit} THEN value END, rank > ${limit}, NULL, ${SUMS}
  FROM (
    SELECT "group", value, sum(clicks) AS clicks, sum(bots) AS bots, sum(visitors) AS visitors,
      row_number() OVER (
        PARTITION BY "group" ORDER BY sum(clicks) DESC, value COLLATE "C") AS rank
    FROM (${values}) AS every_value ("group", value, clicks, bots, visitors) GROUP BY "group", value
  ) AS ranked GROUP BY 1, 2, 3`;

interface Source {
  /** Common table expressions that the others use. */
  expressions: string[];
  /** A query for link_id, at, clicks, bots, visitors. */
  totals: string;
  /** Queries for dimension, value, clicks, bots, visitors; an unknown value has no row. */
  values: string[];
}

function sourceOf(selection: ReportSelection, parameters: SqlParameters): Source {
  const dimensions = selection.groupBy.filter(isDimension);
  return selection.filters.length === 0
    ? rollupSource(selection, dimensions, parameters)
    : clickSource(selection, dimensions, parameters);
}

function valuesOf({ groupBy }: ReportSelection, { values }: Source): string {
  const queries = [...values];
  if (groupBy.includes('link')) {
    queries.push(`SELECT 'link', link_id::text, clicks, bots, visitors FROM totals`);
  }
  if (groupBy.includes('tag')) {
    queries.push(`SELECT 'tag', tag, clicks, bots, visitors
      FROM totals JOIN links ON links.id = link_id CROSS JOIN unnest(links.tags) AS tag`);
  }
  return queries.join(' UNION ALL ');
}

/**
 * Rollups by dimension are of whole hours, so where a range begins or ends within one (in zones
 * like Asia/Kathmandu), the clicks themselves are counted.
 */
function rollupSource(
  { scope, range }: ReportSelection,
  dimensions: Dimension[],
  parameters: SqlParameters,
): Source {
  const inScope = scopeCondition(scope, parameters);
  const totals = `SELECT link_id, bucket AS at, clicks, bots, visitors FROM click_rollups
    WHERE ${inScope} AND dimension = '${ALL_CLICKS}' AND ${parameters.within('bucket', range)}`;
  if (dimensions.length === 0) return { expressions: [], totals, values: [] };

  const { hours, edges } = splitIntoHours(range);
  const values = [
    `SELECT dimension, value, clicks, bots, visitors FROM click_rollups
     WHERE ${inScope} AND dimension = ANY(${parameters.add(dimensions, 'text[]')})
       AND ${parameters.within('bucket', hours)}`,
  ];
  if (edges.length === 0) return { expressions: [], totals, values };
  const isEdge = edges.map((edge) => `(${parameters.within('clicked_at', edge)})`).join(' OR ');
  const clicks = singleClicks(`${inScope} AND (${isEdge})`);
  return { expressions: [clicks], totals, values: [...values, byValue(dimensions)] };
}

function clickSource(
  { scope, range, filters }: ReportSelection,
  dimensions: Dimension[],
  parameters: SqlParameters,
): Source {
  const conditions = [
    scopeCondition(scope, parameters),
    parameters.within('clicked_at', range),
    ...filters.map((filter) => filterCondition(filter, parameters)),
  ];
  return {
    expressions: [singleClicks(conditions.join(' AND '))],
    totals: 'SELECT link_id, at, clicks, bots, visitors FROM single_clicks',
    values: dimensions.length === 0 ? [] : [byValue(dimensions)],
  };
}

const COLUMNS = Object.entries(CLICK_COLUMNS).map(([name, column]) => `${column} AS ${name}`);

/** Clicks in the form of rollups of one click each. */
const singleClicks = (condition: string): string => `
  single_clicks AS (
    SELECT link_id, clicked_at AS at, ${COLUMNS.join(', ')}, 1::bigint AS clicks,
      is_bot::int::bigint AS bots, is_new_visitor::int::bigint AS visitors
    FROM clicks WHERE ${condition})`;

const byValue = (dimensions: Dimension[]): string => `
  SELECT entry.dimension, entry.value, clicks, bots, visitors
  FROM single_clicks CROSS JOIN LATERAL (
    VALUES ${dimensions.map((name) => `('${name}', ${name})`).join(', ')}
  ) AS entry (dimension, value) WHERE entry.value IS NOT NULL`;

/** The whole hours of the range, and what is left before and after them. */
function splitIntoHours({ from, to }: TimeRange): { hours: TimeRange; edges: TimeRange[] } {
  const firstHour = Math.ceil(from / DIMENSION_BUCKET_MS) * DIMENSION_BUCKET_MS;
  const lastHour = Math.floor(to / DIMENSION_BUCKET_MS) * DIMENSION_BUCKET_MS;
  const edges = [
    { from, to: Math.min(firstHour, to) },
    { from: Math.max(firstHour, lastHour), to },
  ];
  return {
    hours: { from: firstHour, to: lastHour },
    edges: edges.filter((edge) => edge.from < edge.to),
  };
}
