import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Links, what is spent of their clicks, hosts they may not lead to, and how many a workspace has. */
export class CreateLinks1764000003000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE EXTENSION IF NOT EXISTS pg_trgm');
    await queryRunner.query('CREATE EXTENSION IF NOT EXISTS btree_gin');
    await createLinks(queryRunner);
    await createIndexes(queryRunner);
    // Apart from links, so that spending a click neither rewrites the link nor announces a change.
    await queryRunner.query(`
      CREATE TABLE link_spending (
        link_id uuid NOT NULL,
        spent integer NOT NULL DEFAULT 0,
        CONSTRAINT link_spending_pkey PRIMARY KEY (link_id),
        CONSTRAINT link_spending_link_id_fkey
          FOREIGN KEY (link_id) REFERENCES links (id) ON DELETE CASCADE
      )`);
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
    await announceChanges(queryRunner);
    await countLinks(queryRunner);
    await keepLinksDisabled(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TRIGGER users_keep_links_disabled ON users');
    await queryRunner.query('DROP TRIGGER users_announce_links ON users');
    await queryRunner.query(
      'DROP TABLE workspace_link_counts, blocked_hosts, link_spending, links',
    );
    await queryRunner.query(
      `DROP FUNCTION announce_link_changes(), announce_all_links(), count_workspace_links(),
         note_moved_links(), keep_links_disabled()`,
    );
    // The extensions stay: something else in the database may have come to use them.
  }
}

/** `number` stands for the id in the stored form of clicks, which has 32 bits for it. */
async function createLinks(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    CREATE TABLE links (
      id uuid NOT NULL,
      number bigint NOT NULL GENERATED ALWAYS AS IDENTITY (MAXVALUE 4294967295),
      workspace_id uuid NOT NULL,
      created_by uuid,
      domain text COLLATE "C" NOT NULL DEFAULT '',
      code text COLLATE "C" NOT NULL,
      url text NOT NULL,
      search_url text NOT NULL DEFAULT '',
      title text,
      search_title text NOT NULL DEFAULT '',
      tags text[] NOT NULL DEFAULT '{}',
      redirect_status smallint NOT NULL DEFAULT 302,
      starts_at timestamptz,
      expires_at timestamptz,
      max_clicks integer,
      version integer NOT NULL DEFAULT 1,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      deleted_at timestamptz,
      disabled_at timestamptz,
      disabled_by uuid,
      disabled_reason text,
      CONSTRAINT links_pkey PRIMARY KEY (id),
      CONSTRAINT links_domain_code_key UNIQUE (domain, code),
      CONSTRAINT links_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces (id),
      CONSTRAINT links_created_by_fkey
        FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE SET NULL,
      CONSTRAINT links_validity_check CHECK (starts_at < expires_at),
      CONSTRAINT links_redirect_status_check CHECK (redirect_status IN (301, 302, 307, 308))
    )`);
}

/**
 * Pages are asked for with NULLS LAST, although no id is null: the primary key has not got that order.
 * Where one workspace has nearly all links, PostgreSQL would else take the primary key for the links
 * of another one, and read through all of them.
 *
 * New entries of a GIN index wait in a list, and whoever fills it sorts all of it into the index: with
 * 4 MB, the default, one in some thousand creations took 0.2 s. With 256 kB it takes a quarter of that.
 */
async function createIndexes(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query('CREATE UNIQUE INDEX links_number_key ON links (number)');
  await queryRunner.query('CREATE INDEX links_created_by_idx ON links (created_by, id)');
  // Deleted links included: before a workspace is deleted PostgreSQL looks for any that are left.
  await queryRunner.query('CREATE INDEX links_of_workspace_idx ON links (workspace_id)');
  await queryRunner.query(
    `CREATE INDEX links_workspace_id_idx ON links (workspace_id, id DESC NULLS LAST)
     WHERE deleted_at IS NULL`,
  );
  await queryRunner.query(
    'CREATE INDEX links_deleted_idx ON links (workspace_id, id DESC) WHERE deleted_at IS NOT NULL',
  );
  await queryRunner.query(
    `CREATE INDEX links_tags_idx ON links USING gin (workspace_id, tags)
     WITH (gin_pending_list_limit = 256) WHERE deleted_at IS NULL`,
  );
  // Reports ask for the tags of all links of a workspace, and read them from the index alone.
  await queryRunner.query(
    `CREATE INDEX links_tagged_idx ON links (workspace_id, tags) INCLUDE (number)
     WHERE deleted_at IS NULL AND tags <> '{}'`,
  );
  // Searches repeat the expression: the index serves those that have just this one.
  await queryRunner.query(`
    CREATE INDEX links_search_idx ON links USING gin (
      workspace_id,
      (lower(code) COLLATE "default" || chr(31) || search_title || chr(31) || search_url)
        gin_trgm_ops
    ) WITH (gin_pending_list_limit = 256) WHERE deleted_at IS NULL`);
}

/**
 * Every change is announced from inside its transaction, whoever makes it, so that no process keeps an
 * outdated link. Beyond 100 rows, or if it may change where any number of links lead, one message means
 * "everything may have changed".
 */
async function announceChanges(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    CREATE FUNCTION announce_link_changes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF (SELECT count(*) FROM (SELECT 1 FROM changed LIMIT 101) AS first_rows) > 100 THEN
        PERFORM pg_notify('link_changed', '*');
      ELSE
        PERFORM pg_notify('link_changed', code) FROM changed;
      END IF;
      RETURN NULL;
    END $$`);
  for (const [event, rows] of [
    ['INSERT', 'NEW'],
    ['UPDATE', 'NEW'],
    ['DELETE', 'OLD'],
  ] as const) {
    await queryRunner.query(`
      CREATE TRIGGER links_announce_${event.toLowerCase()} AFTER ${event} ON links
        REFERENCING ${rows} TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION announce_link_changes()`);
  }
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
}

/**
 * Counted by triggers, so that nobody who adds links can forget it. Each workspace has several counts,
 * one of which a connection adds to: those who add links at the same time seldom wait for one another.
 * Half of each page is kept free, so that a count changes in place.
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
  await queryRunner.query(`
    CREATE TRIGGER links_count_insert AFTER INSERT ON links
      REFERENCING NEW TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION count_workspace_links()`);
  await queryRunner.query(`
    CREATE TRIGGER links_count_delete AFTER DELETE ON links
      REFERENCING OLD TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION count_workspace_links()`);
  // A statement that moves no link finds both sums alike, and adds nothing.
  await queryRunner.query(`
    CREATE FUNCTION note_moved_links() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO workspace_link_counts (workspace_id, slot, links)
      SELECT workspace_id, pg_backend_pid() % 16, sum(links) FROM (
        SELECT workspace_id, count(*) AS links FROM after_move GROUP BY workspace_id
        UNION ALL
        SELECT workspace_id, -count(*) FROM before_move GROUP BY workspace_id
      ) AS moved GROUP BY workspace_id HAVING sum(links) <> 0 ORDER BY workspace_id
      ON CONFLICT (workspace_id, slot)
        DO UPDATE SET links = workspace_link_counts.links + excluded.links;
      IF FOUND THEN
        PERFORM pg_notify('link_moved', '');
      END IF;
      RETURN NULL;
    END $$`);
  await queryRunner.query(`
    CREATE TRIGGER links_note_moved AFTER UPDATE ON links
      REFERENCING OLD TABLE AS before_move NEW TABLE AS after_move
      FOR EACH STATEMENT EXECUTE FUNCTION note_moved_links()`);
}

/**
 * Links that are disabled with their creator stay so when the account ends: whoever deletes a user cannot
 * forget it. Before the row goes, for created_by goes with it.
 */
async function keepLinksDisabled(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    CREATE FUNCTION keep_links_disabled() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE links SET disabled_at = OLD.links_disabled_at, version = version + 1,
        disabled_reason = 'All links of their creator were disabled.'
      WHERE created_by = OLD.id AND disabled_at IS NULL;
      RETURN OLD;
    END $$`);
  await queryRunner.query(`
    CREATE TRIGGER users_keep_links_disabled BEFORE DELETE ON users
      FOR EACH ROW WHEN (OLD.links_disabled_at IS NOT NULL)
      EXECUTE FUNCTION keep_links_disabled()`);
}
