import type { Dimension, PackColumn } from '../analytics.types.js';
import { SqlParameters } from './report-conditions.js';
import type { ReportPlan } from './report-plan.js';
import { ReportSource, unionOf } from './report-source.js';
import type { ReportSelection } from './reports.types.js';

const SUMS = `sum(clicks)::float8 AS clicks, sum(clicks - bots)::float8 AS humans,
  sum(bots)::float8 AS bots, sum(visitors)::float8 AS visitors`;

/** Which columns of packs tell what the report wants to know. */
function packColumnsOf(plan: ReportPlan, { scope, filters }: ReportSelection): PackColumn[] {
  const needsLinks = plan.others.links.length > 0 || ('tag' in scope && scope.tag !== undefined);
  return [
    ...new Set<PackColumn>([
      'kind',
      'quarter',
      ...(needsLinks ? (['link'] as const) : []),
      ...filters.map(({ dimension }) => dimension),
      ...plan.dimensions,
    ]),
  ];
}

/**
 * All that a report adds up, in one statement, so that all of it tells the same moment: totals
 * (with a bucket), values (with a dimension) and packs (with a day).
 */
export function reportStatement(
  plan: ReportPlan,
  selection: ReportSelection,
): { sql: string; parameters: unknown[] } {
  const parameters = new SqlParameters();
  const source = new ReportSource(selection, plan, parameters);
  const quiet = source.quietClicks(selection.filters);
  const isQuiet = quiet !== '';
  const columns = packColumnsOf(plan, selection);
  const noCounts = `NULL::float8 AS clicks, NULL::float8 AS humans, NULL::float8 AS bots,
    NULL::float8 AS visitors`;
  const noPack = `NULL::timestamptz AS day, NULL::boolean AS is_rolled_up, NULL::integer AS packed,
    ${columns.map((column) => `NULL AS ${column}`).join(', ')}`;
  const totals = unionOf([
    source.countedTotals(),
    isQuiet ? `SELECT owner_id, at, '', '', clicks, bots, visitors FROM quiet` : '',
  ]);
  const values = unionOf([source.countedValues(), isQuiet ? byValue(plan.dimensions) : '']);
  const packs = source.packs(columns, selection.filters);
  const parts = [
    totals &&
      `SELECT owner_id::text AS owner, width_bucket(at, ${parameters.times(selection.starts)}) - 1 AS bucket,
         NULL AS dimension, NULL AS value, ${SUMS}, ${noPack}
       FROM (${totals}) AS total (owner_id, at, dimension, value, clicks, bots, visitors)
       GROUP BY owner_id, bucket`,
    values &&
      `SELECT NULL AS owner, NULL::integer AS bucket, dimension, value, ${SUMS}, ${noPack}
       FROM (${values}) AS counted (owner_id, at, dimension, value, clicks, bots, visitors)
       GROUP BY dimension, value`,
    packs &&
      `SELECT owner_id::text AS owner, NULL::integer AS bucket, NULL AS dimension, NULL AS value,
         ${noCounts}, day, is_rolled_up, packed, ${columns.join(', ')}
       FROM (${packs}) AS pack`,
  ];
  const expressions = isQuiet ? `WITH quiet AS MATERIALIZED (${quiet})` : '';
  return { sql: `${expressions} ${unionOf(parts)}`, parameters: parameters.values };
}

/** Single clicks as counts of the values that they have. */
function byValue(dimensions: Dimension[]): string {
  if (dimensions.length === 0) return '';
  const entries = dimensions.map((name) => `('${name}', ${name})`);
  return `SELECT owner_id, at, entry.dimension, entry.value, clicks, bots, visitors FROM quiet
    CROSS JOIN LATERAL (VALUES ${entries.join(', ')}) AS entry (dimension, value)
    WHERE entry.value IS NOT NULL`;
}
