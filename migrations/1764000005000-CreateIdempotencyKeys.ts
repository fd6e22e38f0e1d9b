import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Answers that are kept for requests with an Idempotency-Key, and how much is kept for whom. */
export class CreateIdempotencyKeys1764000005000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE idempotency_keys (
        key_hash bytea NOT NULL,
        answer bytea NOT NULL,
        expires_at timestamptz NOT NULL,
        CONSTRAINT idempotency_keys_pkey PRIMARY KEY (key_hash)
      )`);
    await queryRunner.query(
      'CREATE INDEX idempotency_keys_expires_at_idx ON idempotency_keys (expires_at)',
    );
    await queryRunner.query(`
      CREATE TABLE idempotency_usage (
        owner_id uuid NOT NULL,
        hour timestamptz NOT NULL,
        kibibytes integer NOT NULL,
        CONSTRAINT idempotency_usage_pkey PRIMARY KEY (owner_id, hour)
      )`);
    await queryRunner.query('CREATE INDEX idempotency_usage_hour_idx ON idempotency_usage (hour)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE idempotency_usage, idempotency_keys');
  }
}
