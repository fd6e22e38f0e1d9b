import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Clicks and what is counted of them. Primary keys begin with link_id (of workspaces with workspace_id),
 * so that the tables can be distributed by it. There is no foreign key to links: a click is never refused.
 */
export class CreateClicks1764000004000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE clicks (
        link_id uuid NOT NULL,
        clicked_at timestamptz NOT NULL,
        id uuid NOT NULL,
        country text,
        referrer_host text,
        browser text,
        os text,
        device text,
        language text,
        utm_source text,
        utm_medium text,
        utm_campaign text,
        is_bot boolean NOT NULL,
        is_new_visitor boolean NOT NULL,
        visitor bytea NOT NULL,
        CONSTRAINT clicks_pkey PRIMARY KEY (link_id, clicked_at, id)
      ) PARTITION BY RANGE (clicked_at)`);
    await queryRunner.query(`
      CREATE TABLE link_totals (
        link_id uuid NOT NULL,
        clicks bigint NOT NULL,
        bots bigint NOT NULL,
        visitors bigint NOT NULL,
        last_clicked_at timestamptz NOT NULL,
        CONSTRAINT link_totals_pkey PRIMARY KEY (link_id)
      ) WITH (fillfactor = 80)`);
    for (const owner of ['link', 'workspace']) {
      await queryRunner.query(`
        CREATE TABLE ${owner}_days (
          ${owner}_id uuid NOT NULL,
          day timestamptz NOT NULL,
          clicks bigint NOT NULL,
          bots bigint NOT NULL,
          visitors bigint NOT NULL,
          blocks integer NOT NULL DEFAULT 0,
          CONSTRAINT ${owner}_days_pkey PRIMARY KEY (${owner}_id, day)
        ) WITH (fillfactor = 80)`);
    }
    await createBlocks(queryRunner, 'link', ['rows', 'row_quarters']);
    await createBlocks(queryRunner, 'workspace', ['rows', 'row_quarters', 'row_links', 'links']);
    await queryRunner.query(`
      CREATE TABLE visitor_days (
        link_id uuid NOT NULL,
        day date NOT NULL,
        visitor bytea NOT NULL,
        CONSTRAINT visitor_days_pkey PRIMARY KEY (link_id, day, visitor)
      ) PARTITION BY LIST (day)`);
    await queryRunner.query(`
      CREATE TABLE visitor_salts (
        day date NOT NULL,
        key_id bytea NOT NULL,
        sealed bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT visitor_salts_pkey PRIMARY KEY (day, key_id)
      )`);
    await queryRunner.query(`
      CREATE TABLE ingested_segments (
        id uuid NOT NULL,
        ingested_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT ingested_segments_pkey PRIMARY KEY (id)
      )`);
    await queryRunner.query(
      'CREATE INDEX ingested_segments_ingested_at_idx ON ingested_segments (ingested_at)',
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `DROP TABLE ingested_segments, visitor_salts, visitor_days, workspace_blocks, link_blocks,
         workspace_days, link_days, link_totals, clicks`,
    );
  }
}

/** The compact form of the clicks of a day: docs/click-blocks.md draws it. It is compressed already. */
async function createBlocks(
  queryRunner: QueryRunner,
  owner: string,
  columns: string[],
): Promise<void> {
  await queryRunner.query(`
    CREATE TABLE ${owner}_blocks (
      ${owner}_id uuid NOT NULL,
      day timestamptz NOT NULL,
      id uuid NOT NULL,
      level smallint NOT NULL,
      clicks integer NOT NULL,
      ${columns.map((column) => `${column} bytea NOT NULL`).join(', ')},
      CONSTRAINT ${owner}_blocks_pkey PRIMARY KEY (${owner}_id, day, id)
    )`);
  for (const column of columns) {
    await queryRunner.query(
      `ALTER TABLE ${owner}_blocks ALTER COLUMN ${column} SET STORAGE EXTERNAL`,
    );
  }
  await queryRunner.query(
    `CREATE INDEX ${owner}_blocks_unmerged_idx ON ${owner}_blocks (day, ${owner}_id) WHERE level < 9`,
  );
}
