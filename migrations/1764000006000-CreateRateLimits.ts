import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Every request of the API writes here, and a commit of an unlogged table waits for no disk. A crash
 * empties it, and a standby begins with an empty one. The order of the columns is rate-limiter-flexible's.
 */
export class CreateRateLimits1764000006000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // With room in its pages, and no index of what changes, a row is counted up within its page.
    await queryRunner.query(`
      CREATE UNLOGGED TABLE rate_limits (
        key text NOT NULL,
        points integer NOT NULL,
        expire bigint NOT NULL,
        CONSTRAINT rate_limits_pkey PRIMARY KEY (key)
      ) WITH (fillfactor = 50)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE rate_limits');
  }
}
