import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateAccounts1764000001000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE users (
        id uuid NOT NULL,
        email text NOT NULL,
        password_hash text NOT NULL,
        name text,
        role text NOT NULL,
        disabled_at timestamptz,
        created_at timestamptz NOT NULL,
        CONSTRAINT users_pkey PRIMARY KEY (id),
        CONSTRAINT users_email_key UNIQUE (email),
        CONSTRAINT users_role_check CHECK (role IN ('admin', 'member'))
      )`);
    await queryRunner.query(`
      CREATE TABLE refresh_tokens (
        id uuid NOT NULL,
        user_id uuid NOT NULL,
        family_id uuid NOT NULL,
        token_hash bytea NOT NULL,
        expires_at timestamptz NOT NULL,
        absolute_expires_at timestamptz NOT NULL,
        used_at timestamptz,
        created_at timestamptz NOT NULL,
        CONSTRAINT refresh_tokens_pkey PRIMARY KEY (id),
        CONSTRAINT refresh_tokens_token_hash_key UNIQUE (token_hash),
        CONSTRAINT refresh_tokens_user_id_fkey FOREIGN KEY (user_id)
          REFERENCES users (id) ON DELETE CASCADE
      )`);
    await queryRunner.query('CREATE INDEX refresh_tokens_user_id_idx ON refresh_tokens (user_id)');
    await queryRunner.query(
      'CREATE INDEX refresh_tokens_family_id_idx ON refresh_tokens (family_id)',
    );
    await queryRunner.query(`
      CREATE TABLE workspaces (
        id uuid NOT NULL,
        name text NOT NULL,
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
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE workspace_members');
    await queryRunner.query('DROP TABLE workspaces');
    await queryRunner.query('DROP TABLE refresh_tokens');
    await queryRunner.query('DROP TABLE users');
  }
}
