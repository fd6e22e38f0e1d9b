import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Links that come from other services: the clicks that they had there, and imports with what they are
 * made of and what became of each record. No foreign keys to workspaces: what is left of an import is
 * deleted bit by bit, and a workspace does not wait for it.
 */
export class AddImports1764000013000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'ALTER TABLE links ADD COLUMN imported_clicks bigint NOT NULL DEFAULT 0',
    );
    await queryRunner.query(`
      CREATE TABLE imports (
        id uuid NOT NULL,
        workspace_id uuid NOT NULL,
        status text NOT NULL,
        source text,
        file_name text,
        dry_run boolean NOT NULL,
        on_taken text NOT NULL,
        actor_type text NOT NULL,
        actor_id uuid NOT NULL,
        remote_url text,
        remote_place text,
        api_key bytea,
        total integer,
        read integer NOT NULL DEFAULT 0,
        created integer NOT NULL DEFAULT 0,
        updated integer NOT NULL DEFAULT 0,
        renamed integer NOT NULL DEFAULT 0,
        skipped integer NOT NULL DEFAULT 0,
        failed integer NOT NULL DEFAULT 0,
        problem jsonb,
        attempts integer NOT NULL DEFAULT 0,
        lease_owner uuid,
        lease_until timestamptz,
        created_at timestamptz NOT NULL,
        started_at timestamptz,
        finished_at timestamptz,
        removed_at timestamptz,
        CONSTRAINT imports_pkey PRIMARY KEY (id),
        CONSTRAINT imports_status_check
          CHECK (status IN ('receiving', 'queued', 'running', 'done', 'failed', 'cancelled'))
      )`);
    await queryRunner.query(
      'CREATE INDEX imports_of_workspace_idx ON imports (workspace_id, id DESC)',
    );
    await queryRunner.query(`
      CREATE INDEX imports_unfinished_idx ON imports (id) WHERE status IN ('queued', 'running')`);
    await queryRunner.query(`
      CREATE TABLE import_chunks (
        import_id uuid NOT NULL,
        number integer NOT NULL,
        bytes bytea NOT NULL,
        CONSTRAINT import_chunks_pkey PRIMARY KEY (import_id, number)
      )`);
    await queryRunner.query(`
      CREATE TABLE import_records (
        import_id uuid NOT NULL,
        index integer NOT NULL,
        line integer,
        domain text,
        code text,
        url text NOT NULL,
        outcome text NOT NULL,
        link_id uuid,
        link_domain text,
        link_code text,
        warnings jsonb NOT NULL,
        problem jsonb,
        CONSTRAINT import_records_pkey PRIMARY KEY (import_id, index),
        CONSTRAINT import_records_outcome_check
          CHECK (outcome IN ('created', 'updated', 'renamed', 'skipped', 'failed'))
      )`);
    await queryRunner.query(
      'CREATE INDEX import_records_outcome_idx ON import_records (import_id, outcome, index)',
    );
    // Two records of an import never become the same link.
    await queryRunner.query(`
      CREATE INDEX import_records_code_idx ON import_records (import_id, link_code)
        WHERE link_code IS NOT NULL`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE import_records, import_chunks, imports');
    await queryRunner.query('ALTER TABLE links DROP COLUMN imported_clicks');
  }
}
