import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Days with very many values of a dimension have no rollups, and remember it. Salts of visitors are
 * kept encrypted, in a table of their own: each process that has another key has another salt. Those
 * that were in the clear are deleted at once, so a visitor of this day may count twice. Their table stays
 * for as long as the previous version may still run; what that writes is deleted within the hour.
 */
export class BoundValuesAndSealSalts1764000016000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const owner of ['link', 'workspace']) {
      await queryRunner.query(
        `ALTER TABLE ${owner}_days ADD COLUMN has_many_values boolean NOT NULL DEFAULT false`,
      );
    }
    await queryRunner.query(`
      CREATE TABLE visitor_day_salts (
        day date NOT NULL,
        key_id bytea NOT NULL,
        sealed bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT visitor_day_salts_pkey PRIMARY KEY (day, key_id)
      )`);
    await queryRunner.query('DELETE FROM visitor_salts');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE visitor_day_salts');
    for (const owner of ['link', 'workspace']) {
      await queryRunner.query(`ALTER TABLE ${owner}_days DROP COLUMN has_many_values`);
    }
  }
}
