import type { MigrationInterface, QueryRunner } from 'typeorm';

const OWNERS = ['link', 'workspace'];

/**
 * Links have numbers, by which packs of workspaces tell them apart: ids were most of what reports read
 * of a workspace with many links. Packs also hold their clicks folded, and the links of each value. None
 * of that can be made in SQL, so packs are made again from the clicks: by `npm run rollups:rebuild`, and
 * on days that get more clicks.
 */
export class NumberLinks1764000011000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // Packs have 32 bits for a number.
    await queryRunner.query(
      'ALTER TABLE links ADD COLUMN number bigint NOT NULL GENERATED ALWAYS AS IDENTITY (MAXVALUE 4294967295)',
    );
    await queryRunner.query('CREATE UNIQUE INDEX links_number_key ON links (number)');
    for (const owner of OWNERS) {
      await forgetPacks(queryRunner, owner);
      await queryRunner.query(
        `ALTER TABLE ${owner}_packs ADD COLUMN folded bytea, ALTER COLUMN folded SET STORAGE EXTERNAL`,
      );
    }
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

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE workspace_pack_links');
    for (const owner of OWNERS) {
      await forgetPacks(queryRunner, owner);
      await queryRunner.query(`ALTER TABLE ${owner}_packs DROP COLUMN folded`);
    }
    await queryRunner.query('ALTER TABLE links DROP COLUMN number');
  }
}

async function forgetPacks(queryRunner: QueryRunner, owner: string): Promise<void> {
  await queryRunner.query(`TRUNCATE ${owner}_packs`);
  await queryRunner.query(`UPDATE ${owner}_days SET packs = 0 WHERE packs > 0`);
}
