import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Links, the indexes their reads need, and the trigger that tells every process of a change. */
export class CreateLinks1764000002000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE EXTENSION IF NOT EXISTS pg_trgm');
    await queryRunner.query('CREATE EXTENSION IF NOT EXISTS btree_gin');
    await queryRunner.query(`
      CREATE TABLE links (
        id uuid NOT NULL,
        workspace_id uuid NOT NULL,
        created_by uuid,
        domain text COLLATE "C" NOT NULL DEFAULT '',
        code text COLLATE "C" NOT NULL,
        url text NOT NULL,
        title text,
        tags text[] NOT NULL DEFAULT '{}',
        redirect_status smallint NOT NULL DEFAULT 302,
        starts_at timestamptz,
        expires_at timestamptz,
        max_clicks integer,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        deleted_at timestamptz,
        CONSTRAINT links_pkey PRIMARY KEY (id),
        CONSTRAINT links_domain_code_key UNIQUE (domain, code),
        CONSTRAINT links_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces (id),
        CONSTRAINT links_created_by_fkey
          FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE SET NULL,
        CONSTRAINT links_validity_check CHECK (starts_at < expires_at),
        CONSTRAINT links_redirect_status_check CHECK (redirect_status IN (301, 302, 307, 308))
      )`);
    await queryRunner.query(
      'CREATE INDEX links_workspace_id_idx ON links (workspace_id, id DESC) WHERE deleted_at IS NULL',
    );
    await queryRunner.query(
      'CREATE INDEX links_tags_idx ON links USING gin (workspace_id, tags) WHERE deleted_at IS NULL',
    );
    // The expression is repeated, word for word, in LinksRepository: the planner compares text.
    await queryRunner.query(`
      CREATE INDEX links_search_idx ON links USING gin (
        workspace_id,
        (lower((code || ' ' || coalesce(title, '') || ' ' || url) COLLATE "default")) gin_trgm_ops
      ) WHERE deleted_at IS NULL`);
    // Every change is announced from inside its transaction, whoever makes it, so that no process
    // keeps an outdated link. Beyond 100 rows one message means "everything may have changed".
    await queryRunner.query(`
      CREATE FUNCTION announce_link_changes() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF (SELECT count(*) FROM (SELECT 1 FROM changed LIMIT 101) AS first_rows) > 100 THEN
          PERFORM pg_notify('link_changed', '*');
        ELSE
          PERFORM pg_notify('link_changed', code) FROM changed;
        END IF;
        RETURN NULL;
      END $$`);
    await queryRunner.query(`
      CREATE TRIGGER links_announce_insert AFTER INSERT ON links
        REFERENCING NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION announce_link_changes()`);
    await queryRunner.query(`
      CREATE TRIGGER links_announce_update AFTER UPDATE ON links
        REFERENCING NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION announce_link_changes()`);
    await queryRunner.query(`
      CREATE TRIGGER links_announce_delete AFTER DELETE ON links
        REFERENCING OLD TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION announce_link_changes()`);
    // Apart from links, so that spending a click neither rewrites the link nor announces a change.
    await queryRunner.query(`
      CREATE TABLE link_spending (
        link_id uuid NOT NULL,
        spent integer NOT NULL DEFAULT 0,
        CONSTRAINT link_spending_pkey PRIMARY KEY (link_id),
        CONSTRAINT link_spending_link_id_fkey
          FOREIGN KEY (link_id) REFERENCES links (id) ON DELETE CASCADE
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE link_spending');
    await queryRunner.query('DROP TABLE links');
    await queryRunner.query('DROP FUNCTION announce_link_changes()');
    // The extensions stay: something else in the database may have come to use them.
  }
}
