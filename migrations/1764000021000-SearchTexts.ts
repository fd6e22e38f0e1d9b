import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The texts of the links that there are, and the index that searches them in place of the one before.
 * In a transaction of its own: meanwhile links can be read, so redirects go on.
 */
export class SearchTexts1764000021000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // Nothing changes that anybody has to be told of, and that would make every process ask again.
    await queryRunner.query('ALTER TABLE links DISABLE TRIGGER links_announce_update');
    await queryRunner.query('UPDATE links SET code = code WHERE search_text IS NULL');
    await queryRunner.query('ALTER TABLE links ENABLE TRIGGER links_announce_update');
    await queryRunner.query(`
      CREATE INDEX links_search_text_idx ON links USING gin (workspace_id, search_text gin_trgm_ops)
        WITH (gin_pending_list_limit = 256) WHERE deleted_at IS NULL`);
    await queryRunner.query('DROP INDEX links_search_idx');
    await queryRunner.query('ALTER INDEX links_search_text_idx RENAME TO links_search_idx');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX links_search_idx');
    await queryRunner.query(`
      CREATE INDEX links_search_idx ON links USING gin (
        workspace_id,
        (lower((code || ' ' || coalesce(title, '') || ' ' || url) COLLATE "default")) gin_trgm_ops
      ) WITH (gin_pending_list_limit = 256) WHERE deleted_at IS NULL`);
  }
}
