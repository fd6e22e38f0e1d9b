import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS = [
  'moment',
  'country',
  'referrer',
  'browser',
  'os',
  'device',
  'language',
  'utm_source',
  'utm_medium',
  'utm_campaign',
];

/** Whether the time is in a month whose single clicks are gone. */
const isDropped = (time: string): string =>
  `date_trunc('month', ${time} AT TIME ZONE 'UTC')::date IN (SELECT month FROM dropped_click_months)`;

/**
 * Packs: the clicks of a day of a link or a workspace, column by column. Only days with very many
 * clicks keep rollups, and those whose clicks are gone. What else was counted before is not
 * converted here: `npm run rollups:rebuild` makes it from the clicks.
 */
export class PackClicks1764000007000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const owner of ['link', 'workspace']) {
      await queryRunner.query(`DELETE FROM ${owner}_rollups WHERE NOT ${isDropped('bucket')}`);
    }
    await queryRunner.query('ALTER TABLE link_days ADD COLUMN packs integer NOT NULL DEFAULT 0');
    await queryRunner.query(
      `UPDATE link_days SET is_rolled_up = false WHERE is_rolled_up AND NOT ${isDropped('day')}`,
    );
    await queryRunner.query(`
      CREATE TABLE workspace_days (
        workspace_id uuid NOT NULL,
        day timestamptz NOT NULL,
        clicks bigint NOT NULL,
        bots bigint NOT NULL,
        visitors bigint NOT NULL,
        is_rolled_up boolean NOT NULL DEFAULT false,
        packs integer NOT NULL DEFAULT 0,
        CONSTRAINT workspace_days_pkey PRIMARY KEY (workspace_id, day)
      ) WITH (fillfactor = 80)`);
    await queryRunner.query(`
      INSERT INTO workspace_days (workspace_id, day, clicks, bots, visitors, is_rolled_up)
      SELECT workspace_id, bucket, clicks, bots, visitors, true FROM workspace_rollups
      WHERE dimension = '' AND minutes = 1440`);
    await createPacks(queryRunner, 'link', COLUMNS);
    await createPacks(queryRunner, 'workspace', [...COLUMNS, 'link']);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE workspace_packs');
    await queryRunner.query('DROP TABLE link_packs');
    await queryRunner.query('DROP TABLE workspace_days');
    await queryRunner.query('ALTER TABLE link_days DROP COLUMN packs');
  }
}

async function createPacks(
  queryRunner: QueryRunner,
  owner: string,
  columns: string[],
): Promise<void> {
  await queryRunner.query(`
    CREATE TABLE ${owner}_packs (
      ${owner}_id uuid NOT NULL,
      day timestamptz NOT NULL,
      id uuid NOT NULL,
      level smallint NOT NULL,
      clicks integer NOT NULL,
      ${columns.map((column) => `${column} bytea NOT NULL`).join(', ')},
      CONSTRAINT ${owner}_packs_pkey PRIMARY KEY (${owner}_id, day, id)
    )`);
  // Compressing what is packed already costs more time than it saves room.
  await queryRunner.query(
    `ALTER TABLE ${owner}_packs ${columns
      .map((column) => `ALTER COLUMN ${column} SET STORAGE EXTERNAL`)
      .join(', ')}`,
  );
  // Finds the days that are over and whose packs are not merged yet.
  await queryRunner.query(
    `CREATE INDEX ${owner}_packs_unmerged_idx ON ${owner}_packs (day, ${owner}_id) WHERE level < 9`,
  );
}
