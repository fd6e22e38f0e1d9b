import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What was a family of refresh tokens is a session with a row of its own, so that access tokens can
 * be bound to it. A token knows its successor, and a successor how it is derived from the token
 * before it. The version before this one knows no sessions and only adds refresh tokens: as long
 * as it may run, a trigger keeps their sessions.
 */
export class CreateSessions1764000018000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // Nobody may log in between the copy and the constraint.
    await queryRunner.query('LOCK TABLE refresh_tokens IN SHARE ROW EXCLUSIVE MODE');
    await queryRunner.query(`
      CREATE TABLE sessions (
        id uuid NOT NULL,
        user_id uuid NOT NULL,
        created_at timestamptz NOT NULL,
        last_used_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        absolute_expires_at timestamptz NOT NULL,
        CONSTRAINT sessions_pkey PRIMARY KEY (id),
        CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id)
          REFERENCES users (id) ON DELETE CASCADE
      )`);
    await queryRunner.query(`
      INSERT INTO sessions (id, user_id, created_at, last_used_at, expires_at, absolute_expires_at)
      SELECT family_id, user_id, min(created_at), max(created_at), max(expires_at),
        max(absolute_expires_at)
      FROM refresh_tokens GROUP BY family_id, user_id`);
    await queryRunner.query('CREATE INDEX sessions_user_id_idx ON sessions (user_id)');
    await queryRunner.query('CREATE INDEX sessions_expires_at_idx ON sessions (expires_at)');
    await queryRunner.query(`
      ALTER TABLE refresh_tokens
        ADD COLUMN successor_id uuid,
        ADD COLUMN derivation_salt bytea,
        ADD CONSTRAINT refresh_tokens_family_id_fkey FOREIGN KEY (family_id)
          REFERENCES sessions (id) ON DELETE CASCADE`);
    await queryRunner.query(
      'CREATE INDEX refresh_tokens_expires_at_idx ON refresh_tokens (expires_at)',
    );
    await queryRunner.query(`
      CREATE FUNCTION keep_session_of_refresh_token() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO sessions AS s
          (id, user_id, created_at, last_used_at, expires_at, absolute_expires_at)
        VALUES (NEW.family_id, NEW.user_id, NEW.created_at, NEW.created_at, NEW.expires_at,
          NEW.absolute_expires_at)
        ON CONFLICT (id) DO UPDATE
          SET last_used_at = excluded.last_used_at, expires_at = excluded.expires_at
          WHERE s.expires_at < excluded.expires_at;
        RETURN NEW;
      END $$`);
    await queryRunner.query(`
      CREATE TRIGGER refresh_tokens_keep_session BEFORE INSERT ON refresh_tokens
        FOR EACH ROW EXECUTE FUNCTION keep_session_of_refresh_token()`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TRIGGER refresh_tokens_keep_session ON refresh_tokens');
    await queryRunner.query('DROP FUNCTION keep_session_of_refresh_token()');
    await queryRunner.query('DROP INDEX refresh_tokens_expires_at_idx');
    await queryRunner.query(`
      ALTER TABLE refresh_tokens
        DROP CONSTRAINT refresh_tokens_family_id_fkey,
        DROP COLUMN successor_id,
        DROP COLUMN derivation_salt`);
    await queryRunner.query('DROP TABLE sessions');
  }
}
