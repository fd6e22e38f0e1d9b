import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Packs of workspaces are sorted by link, those of links by the quarter of an hour: what was one
 * column `moment` is two. Packs cannot be sorted anew in SQL, so they are made again from the
 * clicks: by `npm run rollups:rebuild`, and on days that get more clicks.
 */
export class SortPacksByLink1764000008000 implements MigrationInterface {
  up(queryRunner: QueryRunner): Promise<void> {
    return replaceColumns(queryRunner, ['moment'], ['quarter', 'kind']);
  }

  down(queryRunner: QueryRunner): Promise<void> {
    return replaceColumns(queryRunner, ['quarter', 'kind'], ['moment']);
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
