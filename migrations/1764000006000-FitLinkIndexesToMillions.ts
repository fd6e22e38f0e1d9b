import type { MigrationInterface, QueryRunner } from 'typeorm';

const GIN_INDEXES = ['links_search_idx', 'links_tags_idx'];

/** What turned out to matter in a table of a million links. */
export class FitLinkIndexesToMillions1764000006000 implements MigrationInterface {
  /**
   * Pages are asked for with NULLS LAST, although no id is null: the primary key has not got that
   * order. Where one workspace has nearly all links, PostgreSQL would else take the primary key for
   * the links of another one, and read through all of them.
   *
   * New links wait in a list until it has 4 MB, and whoever fills it sorts all of it into the index:
   * one in some thousand creations took 0.2 s. With 256 kB it takes a quarter of that, and searches
   * have less of a list to read. Without a list every creation would take twice as long.
   */
  async up(queryRunner: QueryRunner): Promise<void> {
    await replacePageIndex(queryRunner, 'id DESC NULLS LAST');
    for (const index of GIN_INDEXES) {
      await queryRunner.query(`ALTER INDEX ${index} SET (gin_pending_list_limit = 256)`);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const index of GIN_INDEXES) {
      await queryRunner.query(`ALTER INDEX ${index} RESET (gin_pending_list_limit)`);
    }
    await replacePageIndex(queryRunner, 'id DESC');
  }
}

async function replacePageIndex(queryRunner: QueryRunner, order: string): Promise<void> {
  await queryRunner.query(
    `CREATE INDEX links_page_idx ON links (workspace_id, ${order}) WHERE deleted_at IS NULL`,
  );
  await queryRunner.query('DROP INDEX links_workspace_id_idx');
  await queryRunner.query('ALTER INDEX links_page_idx RENAME TO links_workspace_id_idx');
}
