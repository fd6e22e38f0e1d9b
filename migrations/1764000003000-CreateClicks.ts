import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Clicks and what is counted from them. The primary keys begin with link_id (workspace_id in the
 * rollups of workspaces), so that the tables can be distributed by it. There is no foreign key to
 * links: a click is never refused.
 */
export class CreateClicks1764000003000 implements MigrationInterface {
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
      CREATE TABLE dropped_click_months (
        month date NOT NULL,
        dropped_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT dropped_click_months_pkey PRIMARY KEY (month)
      )`);
    await queryRunner.query(`
      CREATE TABLE link_days (
        link_id uuid NOT NULL,
        day timestamptz NOT NULL,
        clicks bigint NOT NULL,
        bots bigint NOT NULL,
        visitors bigint NOT NULL,
        is_rolled_up boolean NOT NULL DEFAULT false,
        CONSTRAINT link_days_pkey PRIMARY KEY (link_id, day)
      ) WITH (fillfactor = 80)`);
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
        CREATE TABLE ${owner}_rollups (
          ${owner}_id uuid NOT NULL,
          dimension text COLLATE "C" NOT NULL,
          minutes smallint NOT NULL,
          bucket timestamptz NOT NULL,
          value text COLLATE "C" NOT NULL,
          clicks bigint NOT NULL,
          bots bigint NOT NULL,
          visitors bigint NOT NULL,
          CONSTRAINT ${owner}_rollups_pkey
            PRIMARY KEY (${owner}_id, dimension, minutes, bucket, value)
        ) WITH (fillfactor = 80)`);
    }
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
        salt bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT visitor_salts_pkey PRIMARY KEY (day)
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
    for (const table of [
      'ingested_segments',
      'visitor_salts',
      'visitor_days',
      'workspace_rollups',
      'link_rollups',
      'link_totals',
      'link_days',
      'dropped_click_months',
      'clicks',
    ]) {
      await queryRunner.query(`DROP TABLE ${table}`);
    }
  }
}
