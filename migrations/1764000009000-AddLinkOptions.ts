import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a link can do besides redirecting to its URL. */
export class AddLinkOptions1764000009000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE links
        ADD COLUMN disabled boolean NOT NULL DEFAULT false,
        ADD COLUMN note text,
        ADD COLUMN fallback_url text,
        ADD COLUMN forward_query boolean NOT NULL DEFAULT false,
        ADD COLUMN forward_path boolean NOT NULL DEFAULT false,
        ADD COLUMN track_clicks boolean NOT NULL DEFAULT true,
        ADD COLUMN password_hash text,
        ADD COLUMN password_set_at timestamptz`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE links
        DROP COLUMN disabled,
        DROP COLUMN note,
        DROP COLUMN fallback_url,
        DROP COLUMN forward_query,
        DROP COLUMN forward_path,
        DROP COLUMN track_clicks,
        DROP COLUMN password_hash,
        DROP COLUMN password_set_at`);
  }
}
