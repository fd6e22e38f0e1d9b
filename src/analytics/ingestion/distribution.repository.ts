import type { ClientBase } from 'pg';

/**
 * The tables that are distributed, and by what. Those of one column are kept together: all that is kept of
 * a link is on one node, so joins stay there. The totals of links are not among them: lists of links read
 * both, and would ask every node for all totals.
 */
const DISTRIBUTED_BY = {
  workspace_id: ['workspace_days', 'workspace_blocks'],
  link_id: ['link_days', 'link_blocks', 'visitor_days', 'clicks'],
} as const;

type Column = keyof typeof DISTRIBUTED_BY;

export interface DistributedTable {
  name: string;
  column: Column;
  /** The table whose rows its own are kept with; `none` for the first one of a column. */
  colocateWith: string;
}

/** Smaller ones first. */
export const DISTRIBUTED_TABLES: DistributedTable[] = Object.entries(DISTRIBUTED_BY).flatMap(
  ([column, names]) =>
    names.map((name, index) => ({
      name,
      column: column as Column,
      colocateWith: index === 0 ? 'none' : names[0],
    })),
);

/** The SQL that spreads the tables of clicks over the nodes of Citus. */
export class DistributionRepository {
  constructor(private readonly client: ClientBase) {}

  /** Why nothing can be distributed here; undefined if it can. */
  async obstacle(): Promise<string | undefined> {
    const [database] = await this.rows<{ hasCitus: boolean; hasTables: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') AS "hasCitus",
         to_regclass('link_blocks') IS NOT NULL AS "hasTables"`,
    );
    if (!database!.hasTables) return 'the schema is missing: run "bin/signpost.js migrate" first';
    if (!database!.hasCitus)
      return 'the extension is missing: run CREATE EXTENSION citus in this database, on every node';
    const [cluster] = await this.rows<{ isCoordinator: boolean; hasNodes: boolean }>(
      `SELECT citus_is_coordinator() AS "isCoordinator",
         EXISTS (SELECT FROM pg_dist_node WHERE isactive AND shouldhaveshards) AS "hasNodes"`,
    );
    if (!cluster!.hasNodes)
      return 'the coordinator knows no worker: run SELECT citus_add_node(name, port) for each';
    if (!cluster!.isCoordinator) return 'DATABASE_URL leads to a worker, not to the coordinator';
    return undefined;
  }

  async isDistributed({ name }: DistributedTable): Promise<boolean> {
    const rows = await this.rows(
      `SELECT FROM pg_dist_partition WHERE logicalrelid = $1::regclass AND partmethod = 'h'`,
      [name],
    );
    return rows.length > 0;
  }

  /** How much is to be moved, as people read it. */
  async sizeOf({ name }: DistributedTable): Promise<string> {
    const [row] = await this.rows<{ size: string }>(
      `SELECT pg_size_pretty(sum(pg_total_relation_size(oid))) AS size FROM (
         SELECT $1::regclass AS oid UNION ALL SELECT inhrelid FROM pg_inherits WHERE inhparent = $1::regclass
       ) AS parts`,
      [name],
    );
    return row!.size;
  }

  /** Moves the rows to the nodes. The copy that stays here is not read any more, and deleted. */
  async distribute({ name, column, colocateWith }: DistributedTable): Promise<void> {
    await this.rows('SELECT create_distributed_table($1, $2, colocate_with => $3)', [
      name,
      column,
      colocateWith,
    ]);
    await this.rows('SELECT truncate_local_data_after_distributing_table($1)', [name]);
  }

  /** Brings the rows back. */
  async undistribute({ name }: DistributedTable): Promise<void> {
    await this.rows('SELECT undistribute_table($1)', [name]);
  }

  private async rows<Row extends object>(sql: string, values?: unknown[]): Promise<Row[]> {
    return (await this.client.query<Row>(sql, values)).rows;
  }
}
