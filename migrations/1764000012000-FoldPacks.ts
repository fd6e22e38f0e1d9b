import type { MigrationInterface, QueryRunner } from 'typeorm';

const ROW_COLUMNS = ['kind', 'country', 'referrer', 'language', 'agent', 'campaign'];
const BEFORE = {
  link: ['quarter', ...ROW_COLUMNS, 'folded'],
  workspace: ['link', 'quarter', ...ROW_COLUMNS, 'folded'],
};
const AFTER = {
  link: ['rows', 'row_quarters'],
  workspace: ['rows', 'row_quarters', 'row_links', 'links', 'link_quarters', 'link_rows'],
};

/**
 * Packs have their clicks folded, and tell the links and times of each of these rows and the rows and
 * times of each link: any filter counts only clicks that pass. What was kept of links by value is not
 * needed for that. Packs cannot be folded in SQL, so they are made again from the clicks: by
 * `npm run rollups:rebuild`, and on days that get more clicks.
 */
export class FoldPacks1764000012000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE workspace_pack_links');
    await replaceColumns(queryRunner, BEFORE, AFTER);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await replaceColumns(queryRunner, AFTER, BEFORE);
    await queryRunner.query(`
      CREATE TABLE workspace_pack_links (
        workspace_id uuid NOT NULL,
        day timestamptz NOT NULL,
        pack_id uuid NOT NULL,
        dimension text NOT NULL,
        value text NOT NULL,
        links bytea NOT NULL,
        CONSTRAINT workspace_pack_links_pkey
          PRIMARY KEY (workspace_id, day, pack_id, dimension, value),
        CONSTRAINT workspace_pack_links_pack_fkey FOREIGN KEY (workspace_id, day, pack_id)
          REFERENCES workspace_packs (workspace_id, day, id) ON DELETE CASCADE
      )`);
    await queryRunner.query(
      'ALTER TABLE workspace_pack_links ALTER COLUMN links SET STORAGE EXTERNAL',
    );
  }
}

async function replaceColumns(
  queryRunner: QueryRunner,
  before: typeof BEFORE,
  after: typeof AFTER,
): Promise<void> {
  for (const owner of ['link', 'workspace'] as const) {
    const changes = [
      ...before[owner].map((column) => `DROP COLUMN ${column}`),
      ...after[owner].map(
        (column) => `ADD COLUMN ${column} bytea${column === 'folded' ? '' : ' NOT NULL'}`,
      ),
      ...after[owner].map((column) => `ALTER COLUMN ${column} SET STORAGE EXTERNAL`),
    ];
    await queryRunner.query(`TRUNCATE ${owner}_packs`);
    await queryRunner.query(`ALTER TABLE ${owner}_packs ${changes.join(', ')}`);
    await queryRunner.query(`UPDATE ${owner}_days SET packs = 0 WHERE packs > 0`);
  }
}
