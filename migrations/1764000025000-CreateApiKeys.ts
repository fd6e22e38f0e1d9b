import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keys by which services use the API: each belongs to a workspace, and outlives who made it. */
export class CreateApiKeys1764000025000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE api_keys (
        id uuid NOT NULL,
        workspace_id uuid NOT NULL,
        name text NOT NULL,
        scopes text[] NOT NULL,
        key_hash bytea NOT NULL,
        prefix text NOT NULL,
        last_four text NOT NULL,
        created_by uuid,
        created_at timestamptz NOT NULL,
        expires_at timestamptz,
        last_used_at timestamptz,
        CONSTRAINT api_keys_pkey PRIMARY KEY (id),
        CONSTRAINT api_keys_key_hash_key UNIQUE (key_hash),
        CONSTRAINT api_keys_workspace_id_fkey FOREIGN KEY (workspace_id)
          REFERENCES workspaces (id) ON DELETE CASCADE,
        CONSTRAINT api_keys_created_by_fkey FOREIGN KEY (created_by)
          REFERENCES users (id) ON DELETE SET NULL
      )`);
    await queryRunner.query(
      'CREATE INDEX api_keys_workspace_id_idx ON api_keys (workspace_id, id)',
    );
    await queryRunner.query('CREATE INDEX api_keys_created_by_idx ON api_keys (created_by)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE api_keys');
  }
}
