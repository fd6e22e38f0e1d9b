import type { MigrationInterface, QueryRunner } from 'typeorm';

const SEPARATE = ['browser', 'os', 'device', 'utm_source', 'utm_medium', 'utm_campaign'];
const JOINED = ['agent', 'campaign'];

/**
 * Dimensions that go together share a column of packs. Columns cannot be joined in SQL, so packs are
 * made again from the clicks: by `npm run rollups:rebuild`, and on days that get more clicks.
 */
export class JoinPackColumns1764000009000 implements MigrationInterface {
  up(queryRunner: QueryRunner): Promise<void> {
    return replaceColumns(queryRunner, SEPARATE, JOINED);
  }

  down(queryRunner: QueryRunner): Promise<void> {
    return replaceColumns(queryRunner, JOINED, SEPARATE);
  }
}

async function replaceColumns(
  queryRunner: QueryRunner,
  before: string[],
  after: string[],
): Promise<void> {
  for (const owner of ['link', 'workspace']) {
    const changes = [
      ...before.map((column) => `DROP COLUMN ${column}`),
      ...after.map((column) => `ADD COLUMN ${column} bytea NOT NULL`),
      ...after.map((column) => `ALTER COLUMN ${column} SET STORAGE EXTERNAL`),
    ];
    await queryRunner.query(`TRUNCATE ${owner}_packs`);
    await queryRunner.query(`ALTER TABLE ${owner}_packs ${changes.join(', ')}`);
    await queryRunner.query(`UPDATE ${owner}_days SET packs = 0 WHERE packs > 0`);
  }
}
