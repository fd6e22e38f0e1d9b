import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How much is stored for whom: what was stored before is not counted, and gone after a day. */
export class CountStoredAnswers1764000017000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE idempotency_usage (
        owner_id uuid NOT NULL,
        hour timestamptz NOT NULL,
        kibibytes integer NOT NULL,
        CONSTRAINT idempotency_usage_pkey PRIMARY KEY (owner_id, hour)
      )`);
    await queryRunner.query(`CREATE INDEX idempotency_usage_hour_idx ON idempotency_usage (hour)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE idempotency_usage`);
  }
}
