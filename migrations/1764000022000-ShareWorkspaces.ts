import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Workspaces that are shared: versions for their ETags, invitations, and links that move from one to
 * another, which the counts of links and the ingester follow.
 */
export class ShareWorkspaces1764000022000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE workspaces ADD COLUMN version integer NOT NULL DEFAULT 1');
    await queryRunner.query(`
      CREATE TABLE workspace_invitations (
        id uuid NOT NULL,
        workspace_id uuid NOT NULL,
        email text,
        role text NOT NULL,
        token_hash bytea NOT NULL,
        created_by uuid,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        CONSTRAINT workspace_invitations_pkey PRIMARY KEY (id),
        CONSTRAINT workspace_invitations_token_hash_key UNIQUE (token_hash),
        CONSTRAINT workspace_invitations_workspace_id_fkey FOREIGN KEY (workspace_id)
          REFERENCES workspaces (id) ON DELETE CASCADE,
        CONSTRAINT workspace_invitations_created_by_fkey FOREIGN KEY (created_by)
          REFERENCES users (id) ON DELETE SET NULL,
        CONSTRAINT workspace_invitations_role_check CHECK (role IN ('owner', 'editor', 'viewer'))
      )`);
    await queryRunner.query(
      'CREATE INDEX workspace_invitations_workspace_id_idx ON workspace_invitations (workspace_id, id)',
    );
    await queryRunner.query(
      'CREATE INDEX workspace_invitations_created_by_idx ON workspace_invitations (created_by)',
    );
    await queryRunner.query(
      'CREATE INDEX workspace_invitations_expires_at_idx ON workspace_invitations (expires_at)',
    );
    // Deleted links included: before a workspace is deleted PostgreSQL looks for any that are left.
    await queryRunner.query('CREATE INDEX links_of_workspace_idx ON links (workspace_id)');
    // A statement that moves no link finds both sums alike, and adds nothing.
    await queryRunner.query(`
      CREATE FUNCTION note_moved_links() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO workspace_link_counts (workspace_id, slot, links)
        SELECT workspace_id, pg_backend_pid() % 16, sum(links) FROM (
          SELECT workspace_id, count(*) AS links FROM after_move GROUP BY workspace_id
          UNION ALL
          SELECT workspace_id, -count(*) FROM before_move GROUP BY workspace_id
        ) AS moved GROUP BY workspace_id HAVING sum(links) <> 0 ORDER BY workspace_id
        ON CONFLICT (workspace_id, slot)
          DO UPDATE SET links = workspace_link_counts.links + excluded.links;
        IF FOUND THEN
          PERFORM pg_notify('link_moved', '');
        END IF;
        RETURN NULL;
      END $$`);
    await queryRunner.query(`
      CREATE TRIGGER links_note_moved AFTER UPDATE ON links
        REFERENCING OLD TABLE AS before_move NEW TABLE AS after_move
        FOR EACH STATEMENT EXECUTE FUNCTION note_moved_links()`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TRIGGER links_note_moved ON links');
    await queryRunner.query('DROP FUNCTION note_moved_links()');
    await queryRunner.query('DROP INDEX links_of_workspace_idx');
    await queryRunner.query('DROP TABLE workspace_invitations');
    await queryRunner.query('ALTER TABLE workspaces DROP COLUMN version');
  }
}
