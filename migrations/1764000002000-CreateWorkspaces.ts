import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Workspaces with their members, open invitations and API keys. */
export class CreateWorkspaces1764000002000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE workspaces (
        id uuid NOT NULL,
        name text NOT NULL,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL,
        CONSTRAINT workspaces_pkey PRIMARY KEY (id)
      )`);
    await queryRunner.query(`
      CREATE TABLE workspace_members (
        workspace_id uuid NOT NULL,
        user_id uuid NOT NULL,
        role text NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT workspace_members_pkey PRIMARY KEY (workspace_id, user_id),
        CONSTRAINT workspace_members_workspace_id_fkey FOREIGN KEY (workspace_id)
          REFERENCES workspaces (id) ON DELETE CASCADE,
        CONSTRAINT workspace_members_user_id_fkey FOREIGN KEY (user_id)
          REFERENCES users (id) ON DELETE CASCADE,
        CONSTRAINT workspace_members_role_check CHECK (role IN ('owner', 'editor', 'viewer'))
      )`);
    await queryRunner.query(
      'CREATE INDEX workspace_members_user_id_idx ON workspace_members (user_id)',
    );
    await createInvitations(queryRunner);
    await createApiKeys(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'DROP TABLE api_keys, workspace_invitations, workspace_members, workspaces',
    );
  }
}

async function createInvitations(queryRunner: QueryRunner): Promise<void> {
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
}

/** A key belongs to its workspace, and outlives the account of who made it. */
async function createApiKeys(queryRunner: QueryRunner): Promise<void> {
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
  await queryRunner.query('CREATE INDEX api_keys_workspace_id_idx ON api_keys (workspace_id, id)');
  await queryRunner.query('CREATE INDEX api_keys_created_by_idx ON api_keys (created_by)');
}
