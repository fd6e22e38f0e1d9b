/** The row that EXPLAIN (FORMAT JSON) answers with. */
export interface PlanRow {
  'QUERY PLAN': [{ Plan: PlanNode }];
}

interface PlanNode {
  'Node Type': string;
  'Plan Rows': number;
  Plans?: PlanNode[];
}

/** How many entries PostgreSQL expects to take from the index that gives the most. */
export const expectedMatches = (row: PlanRow): number => mostOf(row['QUERY PLAN'][0].Plan);

function mostOf(node: PlanNode): number {
  const own = node['Node Type'] === 'Bitmap Index Scan' ? node['Plan Rows'] : 0;
  return Math.max(own, ...(node.Plans ?? []).map(mostOf));
}
