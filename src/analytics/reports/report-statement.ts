import type { Dimension } from '../analytics.types.js';
import { filterCondition, passesUnknown, SqlParameters } from './report-conditions.js';
import { byValue, ReportSource, unionOf } from './report-source.js';
import { type Filter, isDimension, type ReportSelection } from './reports.types.js';
import { coverRange, type TimeCover } from './time-cover.js';

export const SUMS = `sum(clicks)::float8 AS clicks, sum(clicks - bots)::float8 AS humans,
  sum(bots)::float8 AS bots, sum(visitors)::float8 AS visitors`;

/** Queries for the rows that a report sums up, and the table expressions that they use. */
interface Rows {
  expressions: string[];
  /** By time. */
  totals: string;
  /** With their link_id. */
  links: string;
  /** With dimension and value. */
  values: string;
}

/**
 * The whole report in one statement, so that all of it tells the same moment. Its cost depends on
 * the length of the range, not on the number of clicks, unless it needs to know how values of
 * several dimensions go together: no sum can tell that, and it reads the clicks.
 */
export function reportStatement(selection: ReportSelection): {
  sql: string;
  parameters: unknown[];
} {
  const parameters = new SqlParameters();
  const starts = parameters.times(selection.starts);
  const rows = rowsOf(selection, parameters);
  const parts = [
    `SELECT NULL AS "group", NULL AS value, false AS other,
       width_bucket(at, ${starts}) - 1 AS bucket, ${SUMS}
     FROM (${rows.totals}) AS total GROUP BY bucket`,
  ];
  if (selection.groupBy.length > 0) {
    parts.push(topValues(groupsOf(selection, rows), parameters.add(selection.limit, 'bigint')));
  }
  const expressions = rows.expressions.length > 0 ? `WITH ${rows.expressions.join(', ')}` : '';
  const sql = `${expressions} ${parts.join(' UNION ALL ')} ORDER BY clicks DESC, value`;
  return { sql, parameters: parameters.values };
}

function rowsOf(selection: ReportSelection, parameters: SqlParameters): Rows {
  const { scope, range, starts, filters } = selection;
  const dimensions = selection.groupBy.filter(isDimension);
  const ofLinks = new ReportSource(scope, 'link', parameters);
  const [filter] = filters;
  const isCounted =
    filters.length === 0 ||
    (filters.length === 1 && dimensions.every((name) => name === filter!.dimension));
  if (!isCounted) {
    const clicks = 'SELECT * FROM single_clicks';
    return {
      expressions: [`single_clicks AS (${ofLinks.clicks([range], filters)})`],
      totals: clicks,
      links: clicks,
      values: byValue(clicks, dimensions),
    };
  }
  const isWide = 'workspaceId' in scope && scope.tag === undefined;
  const source = isWide ? new ReportSource(scope, 'workspace', parameters) : ofLinks;
  const totals = filtered(source, coverRange(range, starts), filter, parameters);
  if (!isWide) {
    return {
      expressions: [`totals AS (${totals})`],
      totals: 'SELECT * FROM totals',
      links: 'SELECT * FROM totals',
      values: valuesOf(source, coverRange(range), dimensions, filter, parameters),
    };
  }
  return {
    expressions: [`by_link AS (${filtered(ofLinks, coverRange(range), filter, parameters)})`],
    totals,
    links: 'SELECT * FROM by_link',
    values: valuesOf(source, coverRange(range), dimensions, filter, parameters),
  };
}

/**
 * The totals of the clicks that pass the filter: the sum of the values that pass or, since there
 * are no rows of unknown values, all clicks without the values that do not.
 */
function filtered(
  source: ReportSource,
  cover: TimeCover,
  filter: Filter | undefined,
  parameters: SqlParameters,
): string {
  if (!filter) return source.totals(cover);
  const values = source.values(cover, [filter.dimension]);
  const passes = filterCondition(filter, 'value', parameters);
  if (!passesUnknown(filter)) return `SELECT * FROM (${values}) AS counted WHERE ${passes}`;
  return unionOf([
    source.totals(cover),
    `SELECT link_id, at, dimension, value, -clicks, -bots, -visitors
     FROM (${values}) AS counted WHERE NOT (${passes})`,
  ]);
}

function valuesOf(
  source: ReportSource,
  cover: TimeCover,
  dimensions: Dimension[],
  filter: Filter | undefined,
  parameters: SqlParameters,
): string {
  if (dimensions.length === 0) return '';
  const values = source.values(cover, dimensions);
  if (!filter) return values;
  return `SELECT * FROM (${values}) AS counted WHERE ${filterCondition(filter, 'value', parameters)}`;
}

function groupsOf({ groupBy }: ReportSelection, { values, links }: Rows): string {
  const counts = 'clicks, bots, visitors';
  return unionOf([
    values && `SELECT dimension, value, ${counts} FROM (${values}) AS counted`,
    groupBy.includes('link')
      ? `SELECT 'link', link_id::text, ${counts} FROM (${links}) AS counted`
      : '',
    groupBy.includes('tag')
      ? `SELECT 'tag', tag, ${counts} FROM (${links}) AS counted
         JOIN links ON links.id = link_id CROSS JOIN unnest(links.tags) AS tag`
      : '',
  ]);
}

/** The biggest values of each group, and the sum of the others. */
const topValues = (values: string, limit: string): string => `
  SELECT "group", CASE WHEN rank <= ${limit} THEN value END, rank > ${limit}, NULL, ${SUMS}
  FROM (
    SELECT "group", value, sum(clicks) AS clicks, sum(bots) AS bots, sum(visitors) AS visitors,
      row_number() OVER (
        PARTITION BY "group" ORDER BY sum(clicks) DESC, value COLLATE "C") AS rank
    FROM (${values}) AS every_value ("group", value, clicks, bots, visitors)
    GROUP BY "group", value HAVING sum(clicks) > 0
  ) AS ranked GROUP BY 1, 2, 3`;
