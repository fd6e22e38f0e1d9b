import type { Dimension } from '../analytics.types.js';
import { PACK_PARTS, type PackPart } from '../pack-layout.js';
import { FOLDED } from '../rare-values.js';
import { PackSource } from './pack-source.js';
import { SqlLiterals, SqlParameters } from './report-conditions.js';
import type { ReportPlan } from './report-plan.js';
import { ReportSource, unionOf } from './report-source.js';
import { MOST_SUMS_OF_VALUES } from './report-tally.js';
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
      `SELECT NULL AS owner, NULL::integer AS bucket, dimension, kept AS value, ${SUMS} FROM (
         SELECT dimension, ${SUMS},
           CASE WHEN row_number() OVER (PARTITION BY dimension ORDER BY sum(clicks) DESC)
             <= ${MOST_SUMS_OF_VALUES} THEN value ELSE ${parameters.add(FOLDED, 'text')} END AS kept
         FROM (${values}) AS counted (owner_id, at, dimension, value, clicks, bots, visitors)
         GROUP BY dimension, value
       ) AS ranked GROUP BY dimension, kept`,
  ];
  const expressions = isQuiet ? `WITH quiet AS MATERIALIZED (${quiet})` : '';
  const union = unionOf(parts);
  return { sql: union && `${expressions} ${union}`, parameters: parameters.values };
}

/**
 * Reads packs, as rows of their heads and of the parts; the SQL is empty if there are none. It has no
 * parameters, because COPY takes none.
 * @param ids which packs; all, if undefined
 */
export function packsStatement(
  plan: ReportPlan,
  selection: ReportSelection,
  ids?: string[],
): { sql: string; parts: readonly PackPart[] } {
  const parts = PACK_PARTS[plan.owner];
  const source = new PackSource(selection, plan, new SqlLiterals());
  return { sql: source.packs(parts, ids), parts };
}

/** Reads which packs there are, as rows of their heads; the SQL is empty if there are none. */
export function packListStatement(
  plan: ReportPlan,
  selection: ReportSelection,
): { sql: string; parameters: unknown[] } {
  const parameters = new SqlParameters();
  const sql = new PackSource(selection, plan, parameters).packs([]);
  return { sql, parameters: parameters.values };
}

/** Single clicks as counts of the values that they have. */
function byValue(dimensions: Dimension[]): string {
  if (dimensions.length === 0) return '';
  const entries = dimensions.map((name) => `('${name}', ${name})`);
  return `SELECT owner_id, at, entry.dimension, entry.value, clicks, bots, visitors FROM quiet
    CROSS JOIN LATERAL (VALUES ${entries.join(', ')}) AS entry (dimension, value)
    WHERE entry.value IS NOT NULL`;
}
