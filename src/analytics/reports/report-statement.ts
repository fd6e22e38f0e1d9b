import type { Dimension } from '../analytics.types.js';
import { type PackColumn, PLACE_OF_DIMENSION } from '../pack-layout.js';
import { PackSource } from './pack-source.js';
import { SqlLiterals, SqlParameters } from './report-conditions.js';
import type { ReportPlan } from './report-plan.js';
import { ReportSource, unionOf } from './report-source.js';
import type { ReportSelection } from './reports.types.js';

const SUMS = `sum(clicks)::float8 AS clicks, sum(bots)::float8 AS bots,
  sum(visitors)::float8 AS visitors`;

/** Reads totals (with a bucket) and values (with a dimension); the SQL is empty if there are none. */
export function sumsStatement(
  plan: ReportPlan,
  selection: ReportSelection,
): { sql: string; parameters: unknown[] } {
  const parameters = new SqlParameters();
  const source = new ReportSource(selection, plan, parameters);
  const quiet = source.quietClicks(selection.filters);
  const isQuiet = quiet !== '';
  const totals = unionOf([
    source.countedTotals(),
    isQuiet ? `SELECT owner_id, at, '', '', clicks, bots, visitors FROM quiet` : '',
  ]);
  const values = unionOf([source.countedValues(), isQuiet ? byValue(plan.dimensions) : '']);
  const parts = [
    totals &&
      `SELECT owner_id::text AS owner, width_bucket(at, ${parameters.times(selection.starts)}) - 1 AS bucket,
         NULL AS dimension, NULL AS value, ${SUMS}
       FROM (${totals}) AS total (owner_id, at, dimension, value, clicks, bots, visitors)
       GROUP BY owner_id, bucket`,
    values &&
      `SELECT NULL AS owner, NULL::integer AS bucket, dimension, value, ${SUMS}
       FROM (${values}) AS counted (owner_id, at, dimension, value, clicks, bots, visitors)
       GROUP BY dimension, value`,
  ];
  const expressions = isQuiet ? `WITH quiet AS MATERIALIZED (${quiet})` : '';
  const union = unionOf(parts);
  return { sql: union && `${expressions} ${union}`, parameters: parameters.values };
}

/**
 * Reads packs, as rows of id, group, owner, day, is_rolled_up, clicks and the columns; the SQL is empty
 * if there are none. It has no parameters, because COPY takes none.
 * @param ids which packs; all, if undefined
 */
export function packsStatement(
  plan: ReportPlan,
  selection: ReportSelection,
  ids?: string[],
): { sql: string; columns: PackColumn[] } {
  const columns = packColumnsOf(plan, selection);
  const source = new PackSource(selection, plan, new SqlLiterals());
  return { sql: source.packs(columns, ids), columns };
}

/** Reads which packs there are, as rows of id and group. */
export function packIdsStatement(
  plan: ReportPlan,
  selection: ReportSelection,
): { sql: string; parameters: unknown[] } {
  const parameters = new SqlParameters();
  const sql = new PackSource(selection, plan, parameters).packIds();
  return { sql, parameters: parameters.values };
}

/** Which columns of packs tell what the report wants to know. */
function packColumnsOf(plan: ReportPlan, { scope, filters }: ReportSelection): PackColumn[] {
  const needsLinks = plan.others.links.length > 0 || ('tag' in scope && scope.tag !== undefined);
  return [
    ...new Set<PackColumn>([
      'kind',
      'quarter',
      ...(needsLinks ? (['link'] as const) : []),
      ...[...filters.map(({ dimension }) => dimension), ...plan.dimensions].map(
        (dimension) => PLACE_OF_DIMENSION[dimension].column,
      ),
    ]),
  ];
}

/** Single clicks as counts of the values that they have. */
function byValue(dimensions: Dimension[]): string {
  if (dimensions.length === 0) return '';
  const entries = dimensions.map((name) => `('${name}', ${name})`);
  return `SELECT owner_id, at, entry.dimension, entry.value, clicks, bots, visitors FROM quiet
    CROSS JOIN LATERAL (VALUES ${entries.join(', ')}) AS entry (dimension, value)
    WHERE entry.value IS NOT NULL`;
}
