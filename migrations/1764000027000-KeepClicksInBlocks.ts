import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The compact form of clicks is called blocks. Its clicks are in one order, that of rows, and nothing
 * is counted besides: no rollups, and so nothing to make them again from.
 */
export class KeepClicksInBlocks1764000027000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const owner of ['link', 'workspace']) {
      await queryRunner.query(`DROP TABLE ${owner}_rollups`);
      await queryRunner.query(
        `ALTER TABLE ${owner}_days DROP COLUMN is_rolled_up, DROP COLUMN has_many_values`,
      );
      await queryRunner.query(`ALTER TABLE ${owner}_days RENAME COLUMN packs TO blocks`);
      await queryRunner.query(`ALTER TABLE ${owner}_packs RENAME TO ${owner}_blocks`);
      await queryRunner.query(
        `ALTER TABLE ${owner}_blocks RENAME CONSTRAINT ${owner}_packs_pkey TO ${owner}_blocks_pkey`,
      );
    }
    await queryRunner.query(
      'ALTER TABLE workspace_blocks DROP COLUMN link_quarters, DROP COLUMN link_rows',
    );
    await queryRunner.query('DROP TABLE dropped_click_months');
  }

  /** The order of links cannot be made in SQL: `rollups:rebuild` of that version makes packs anew. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE dropped_click_months (
        month date NOT NULL,
        dropped_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT dropped_click_months_pkey PRIMARY KEY (month)
      )`);
    await queryRunner.query('TRUNCATE workspace_blocks');
    await queryRunner.query('UPDATE workspace_days SET blocks = 0 WHERE blocks > 0');
    for (const column of ['link_quarters', 'link_rows']) {
      await queryRunner.query(`ALTER TABLE workspace_blocks ADD COLUMN ${column} bytea NOT NULL`);
      await queryRunner.query(
        `ALTER TABLE workspace_blocks ALTER COLUMN ${column} SET STORAGE EXTERNAL`,
      );
    }
    for (const owner of ['link', 'workspace']) {
      await queryRunner.query(
        `ALTER TABLE ${owner}_blocks RENAME CONSTRAINT ${owner}_blocks_pkey TO ${owner}_packs_pkey`,
      );
      await queryRunner.query(`ALTER TABLE ${owner}_blocks RENAME TO ${owner}_packs`);
      await queryRunner.query(`ALTER TABLE ${owner}_days RENAME COLUMN blocks TO packs`);
      await queryRunner.query(
        `ALTER TABLE ${owner}_days ADD COLUMN is_rolled_up boolean NOT NULL DEFAULT false,
           ADD COLUMN has_many_values boolean NOT NULL DEFAULT false`,
      );
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
  }
}
