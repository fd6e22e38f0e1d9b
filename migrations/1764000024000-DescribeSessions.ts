import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a user needs to tell their sessions apart, when a password was changed, and what the end of an
 * account needs: its links are found by an index, and those that are disabled with their creator stay so.
 */
export class DescribeSessions1764000024000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE sessions
        ADD COLUMN browser text,
        ADD COLUMN os text,
        ADD COLUMN network text`);
    await queryRunner.query('ALTER TABLE users ADD COLUMN password_changed_at timestamptz');
    await queryRunner.query('CREATE INDEX links_created_by_idx ON links (created_by, id)');
    // Whoever deletes a user cannot forget it. Before the row goes, for created_by goes with it.
    await queryRunner.query(`
      CREATE FUNCTION keep_links_disabled() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        UPDATE links SET disabled_at = OLD.links_disabled_at, version = version + 1,
          disabled_reason = 'All links of their creator were disabled.'
        WHERE created_by = OLD.id AND disabled_at IS NULL;
        RETURN OLD;
      END $$`);
    await queryRunner.query(`
      CREATE TRIGGER users_keep_links_disabled BEFORE DELETE ON users
        FOR EACH ROW WHEN (OLD.links_disabled_at IS NOT NULL)
        EXECUTE FUNCTION keep_links_disabled()`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TRIGGER users_keep_links_disabled ON users');
    await queryRunner.query('DROP FUNCTION keep_links_disabled()');
    await queryRunner.query('DROP INDEX links_created_by_idx');
    await queryRunner.query('ALTER TABLE users DROP COLUMN password_changed_at');
    await queryRunner.query(`
      ALTER TABLE sessions
        DROP COLUMN browser,
        DROP COLUMN os,
        DROP COLUMN network`);
  }
}
