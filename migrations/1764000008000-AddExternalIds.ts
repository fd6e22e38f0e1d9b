import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The ids that integrators have for links of their own. A deleted link frees its id. */
export class AddExternalIds1764000008000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE links ADD COLUMN external_id text COLLATE "C"');
    await queryRunner.query(
      `CREATE UNIQUE INDEX links_external_id_key ON links (workspace_id, external_id)
       WHERE external_id IS NOT NULL AND deleted_at IS NULL`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE links DROP COLUMN external_id');
  }
}
