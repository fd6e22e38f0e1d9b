import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Reports of a workspace ask for all of its links that have tags: mostly a few of very many. */
export class IndexTaggedLinks1764000010000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE INDEX links_tagged_idx ON links (workspace_id)
       WHERE deleted_at IS NULL AND tags <> '{}'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX links_tagged_idx');
  }
}
