import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What an administrator needs against abuse: how many links a workspace has, links and creators that
 * are disabled, and hosts that no link may lead to. Everything but the counts is empty at first.
 */
export class LimitAndTakeDownLinks1764000014000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // Without a foreign key: who took a link down is on record, also when the account is gone.
    await queryRunner.query(`
      ALTER TABLE links
        ADD COLUMN disabled_at timestamptz,
        ADD COLUMN disabled_by uuid,
        ADD COLUMN disabled_reason text`);
    await queryRunner.query('ALTER TABLE users ADD COLUMN links_disabled_at timestamptz');
    await queryRunner.query(`
      CREATE TABLE blocked_hosts (
        id uuid NOT NULL,
        host text COLLATE "C" NOT NULL,
        reason text NOT NULL,
        created_by uuid NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT blocked_hosts_pkey PRIMARY KEY (id),
        CONSTRAINT blocked_hosts_host_key UNIQUE (host)
      )`);
    // Either may change where any number of links lead, so every process asks anew for all of them.
    await queryRunner.query(`
      CREATE FUNCTION announce_all_links() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('link_changed', '*');
        RETURN NULL;
      END $$`);
    await queryRunner.query(`
      CREATE TRIGGER blocked_hosts_announce AFTER INSERT OR DELETE OR UPDATE OF host ON blocked_hosts
        FOR EACH ROW EXECUTE FUNCTION announce_all_links()`);
    await queryRunner.query(`
      CREATE TRIGGER users_announce_links AFTER UPDATE OF links_disabled_at ON users
        FOR EACH ROW WHEN (OLD.links_disabled_at IS DISTINCT FROM NEW.links_disabled_at)
        EXECUTE FUNCTION announce_all_links()`);
    await countLinks(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TRIGGER links_count_insert ON links');
    await queryRunner.query('DROP TRIGGER links_count_delete ON links');
    await queryRunner.query('DROP FUNCTION count_workspace_links()');
    await queryRunner.query('DROP TABLE workspace_link_counts');
    await queryRunner.query('DROP TRIGGER users_announce_links ON users');
    await queryRunner.query('DROP TABLE blocked_hosts');
    await queryRunner.query('DROP FUNCTION announce_all_links()');
    await queryRunner.query('ALTER TABLE users DROP COLUMN links_disabled_at');
    await queryRunner.query(`
      ALTER TABLE links
        DROP COLUMN disabled_at,
        DROP COLUMN disabled_by,
        DROP COLUMN disabled_reason`);
  }
}

/**
 * Counted by a trigger, so that nobody who adds links can forget it, also the previous version. Each
 * workspace has several counts, one of which a connection adds to: those who add links at the same
 * time seldom wait for one another. Half of each page is kept free, so that a count changes in place.
 */
async function countLinks(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    CREATE TABLE workspace_link_counts (
      workspace_id uuid NOT NULL,
      slot smallint NOT NULL,
      links bigint NOT NULL,
      CONSTRAINT workspace_link_counts_pkey PRIMARY KEY (workspace_id, slot),
      CONSTRAINT workspace_link_counts_workspace_id_fkey
        FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
    ) WITH (fillfactor = 50)`);
  await queryRunner.query(`
    CREATE FUNCTION count_workspace_links() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO workspace_link_counts (workspace_id, slot, links)
      SELECT workspace_id, pg_backend_pid() % 16,
        CASE TG_OP WHEN 'INSERT' THEN count(*) ELSE -count(*) END
      FROM changed GROUP BY workspace_id ORDER BY workspace_id
      ON CONFLICT (workspace_id, slot)
        DO UPDATE SET links = workspace_link_counts.links + excluded.links;
      RETURN NULL;
    END $$`);
  // First the triggers, which wait for those who are adding links, and then the links so far.
  await queryRunner.query(`
    CREATE TRIGGER links_count_insert AFTER INSERT ON links
      REFERENCING NEW TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION count_workspace_links()`);
  await queryRunner.query(`
    CREATE TRIGGER links_count_delete AFTER DELETE ON links
      REFERENCING OLD TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION count_workspace_links()`);
  await queryRunner.query(`
    INSERT INTO workspace_link_counts (workspace_id, slot, links)
    SELECT workspace_id, 0, count(*) FROM links GROUP BY workspace_id`);
}
