import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a link can do besides redirecting to its URL, and whose clicks are deleted. */
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
    await createClickDeletions(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE click_deletions');
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

/**
 * The latest deletion of all clicks of a link: asked for until it is done, and until when clicks are not to
 * come back.
 */
async function createClickDeletions(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    CREATE TABLE click_deletions (
      link_id uuid NOT NULL,
      requested_at timestamptz,
      deleted_until timestamptz,
      CONSTRAINT click_deletions_pkey PRIMARY KEY (link_id),
      CONSTRAINT click_deletions_link_id_fkey
        FOREIGN KEY (link_id) REFERENCES links (id) ON DELETE CASCADE
    )`);
  await queryRunner.query(
    `CREATE INDEX click_deletions_requested_at_idx ON click_deletions (requested_at)
     WHERE requested_at IS NOT NULL`,
  );
}
