import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What has happened in workspaces, in order, and the addresses that it is delivered to. Feeds, events and deliveries
 * have no foreign keys: those of a workspace that has ended may be many, and are deleted a few at a time.
 */
export class CreateEventsAndWebhooks1764000012000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await createEvents(queryRunner);
    await createWebhooks(queryRunner);
    await watchForEnds(queryRunner);
    await createClickBatches(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TRIGGER links_watch_new_ends ON links');
    await queryRunner.query('DROP TRIGGER links_watch_ends ON links');
    await queryRunner.query('DROP TRIGGER link_spending_note_limit ON link_spending');
    await queryRunner.query('DROP TRIGGER link_totals_forget_told ON link_totals');
    await queryRunner.query(
      'DROP FUNCTION watch_link_ends, note_spending_limit, forget_told_clicks',
    );
    await queryRunner.query(
      'ALTER TABLE link_spending DROP COLUMN is_told, DROP COLUMN click_limit',
    );
    await queryRunner.query(
      `DROP TABLE told_clicks, click_batches, link_expiries, webhook_deliveries, webhooks, events,
         event_feeds`,
    );
  }
}

/** Who adds to the same feed comes one after the other, so that nobody reads past an event that is not there yet. */
async function createEvents(queryRunner: QueryRunner): Promise<void> {
  // With room in its pages, and no index of what changes, a row is changed within its page.
  await queryRunner.query(`
    CREATE TABLE event_feeds (
      workspace_id uuid NOT NULL,
      length bigint NOT NULL,
      purged bigint NOT NULL DEFAULT 0,
      purged_id uuid,
      CONSTRAINT event_feeds_pkey PRIMARY KEY (workspace_id)
    ) WITH (fillfactor = 50)`);
  // As json and not jsonb: it is sent as it was written.
  await queryRunner.query(`
    CREATE TABLE events (
      workspace_id uuid NOT NULL,
      sequence bigint NOT NULL,
      id uuid NOT NULL,
      type text NOT NULL,
      occurred_at timestamptz NOT NULL,
      data json NOT NULL,
      CONSTRAINT events_pkey PRIMARY KEY (workspace_id, sequence),
      CONSTRAINT events_id_key UNIQUE (id)
    )`);
}

async function createWebhooks(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    CREATE TABLE webhooks (
      id uuid NOT NULL,
      workspace_id uuid NOT NULL,
      url text NOT NULL,
      events text[] NOT NULL,
      description text,
      secret bytea NOT NULL,
      previous_secret bytea,
      previous_secret_until timestamptz,
      position bigint NOT NULL,
      version integer NOT NULL DEFAULT 1,
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      disabled_at timestamptz,
      disabled_reason text,
      CONSTRAINT webhooks_pkey PRIMARY KEY (id),
      CONSTRAINT webhooks_workspace_id_fkey
        FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
    )`);
  await queryRunner.query('CREATE INDEX webhooks_workspace_id_idx ON webhooks (workspace_id, id)');
  await queryRunner.query(`
    CREATE TABLE webhook_deliveries (
      webhook_id uuid NOT NULL,
      event_id uuid NOT NULL,
      type text NOT NULL,
      status text NOT NULL,
      tries integer NOT NULL DEFAULT 0,
      attempts jsonb NOT NULL DEFAULT '[]',
      created_at timestamptz NOT NULL,
      next_try_at timestamptz,
      leased_until timestamptz,
      finished_at timestamptz,
      CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (webhook_id, event_id)
    )`);
  await queryRunner.query(`
    CREATE INDEX webhook_deliveries_due_idx ON webhook_deliveries (webhook_id, next_try_at)
      WHERE next_try_at IS NOT NULL`);
  await queryRunner.query(`
    CREATE INDEX webhook_deliveries_leased_idx ON webhook_deliveries (webhook_id)
      WHERE leased_until IS NOT NULL`);
  await queryRunner.query(
    'CREATE INDEX webhook_deliveries_created_at_idx ON webhook_deliveries (created_at)',
  );
}

/**
 * The ends of links that nobody has been told of. Kept by triggers, so that nobody who writes links can forget it;
 * a link without an end costs nothing. What has ended already is no news.
 */
async function watchForEnds(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    CREATE TABLE link_expiries (
      link_id uuid NOT NULL,
      expires_at timestamptz NOT NULL,
      CONSTRAINT link_expiries_pkey PRIMARY KEY (link_id),
      CONSTRAINT link_expiries_link_id_fkey
        FOREIGN KEY (link_id) REFERENCES links (id) ON DELETE CASCADE
    )`);
  await queryRunner.query(
    'CREATE INDEX link_expiries_expires_at_idx ON link_expiries (expires_at)',
  );
  await queryRunner.query(`
    INSERT INTO link_expiries (link_id, expires_at)
    SELECT id, expires_at FROM links WHERE expires_at > now()`);
  // Not called as in links, where queries name it alone. The limit stands beside what is spent of it, so that nobody has to look up the links of all to find those that
  // have spent it all. No index has `spent`, so that its updates stay within a page.
  await queryRunner.query(`
    ALTER TABLE link_spending ADD COLUMN click_limit integer,
      ADD COLUMN is_told boolean NOT NULL DEFAULT false`);
  await queryRunner.query(`
    UPDATE link_spending SET click_limit = links.max_clicks,
      is_told = coalesce(spent >= links.max_clicks, false)
    FROM links WHERE links.id = link_spending.link_id`);
  // Once for each link, at its first click. Whoever is changing the limit is waited for.
  await queryRunner.query(`
    CREATE FUNCTION note_spending_limit() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      of_link integer;
    BEGIN
      SELECT max_clicks INTO of_link FROM links WHERE id = NEW.link_id FOR SHARE;
      UPDATE link_spending SET click_limit = of_link WHERE link_id = NEW.link_id;
      RETURN NULL;
    END $$`);
  await queryRunner.query(`
    CREATE TRIGGER link_spending_note_limit AFTER INSERT ON link_spending
      FOR EACH ROW EXECUTE FUNCTION note_spending_limit()`);
  await queryRunner.query(`
    CREATE FUNCTION watch_link_ends() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'UPDATE' THEN
        IF OLD.max_clicks IS DISTINCT FROM NEW.max_clicks THEN
          UPDATE link_spending SET click_limit = NEW.max_clicks, is_told = false
            WHERE link_id = NEW.id;
        END IF;
        IF OLD.expires_at IS NOT DISTINCT FROM NEW.expires_at THEN
          RETURN NULL;
        END IF;
      END IF;
      IF NEW.expires_at IS NULL THEN
        DELETE FROM link_expiries WHERE link_id = NEW.id;
      ELSE
        INSERT INTO link_expiries (link_id, expires_at) VALUES (NEW.id, NEW.expires_at)
          ON CONFLICT (link_id) DO UPDATE SET expires_at = excluded.expires_at;
      END IF;
      RETURN NULL;
    END $$`);
  await queryRunner.query(`
    CREATE TRIGGER links_watch_new_ends AFTER INSERT ON links
      FOR EACH ROW WHEN (NEW.expires_at IS NOT NULL) EXECUTE FUNCTION watch_link_ends()`);
  await queryRunner.query(`
    CREATE TRIGGER links_watch_ends AFTER UPDATE OF expires_at, max_clicks ON links
      FOR EACH ROW WHEN (
        OLD.expires_at IS DISTINCT FROM NEW.expires_at
        OR OLD.max_clicks IS DISTINCT FROM NEW.max_clicks
      ) EXECUTE FUNCTION watch_link_ends()`);
}

/** Which workspaces are told of clicks, until when they have been, and what of each link. */
async function createClickBatches(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    CREATE TABLE click_batches (
      workspace_id uuid NOT NULL,
      told_until timestamptz NOT NULL,
      CONSTRAINT click_batches_pkey PRIMARY KEY (workspace_id),
      CONSTRAINT click_batches_workspace_id_fkey
        FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
    )`);
  await queryRunner.query(`
    CREATE TABLE told_clicks (
      link_id uuid NOT NULL,
      clicks bigint NOT NULL,
      bots bigint NOT NULL,
      CONSTRAINT told_clicks_pkey PRIMARY KEY (link_id),
      CONSTRAINT told_clicks_link_id_fkey
        FOREIGN KEY (link_id) REFERENCES links (id) ON DELETE CASCADE
    ) WITH (fillfactor = 80)`);
  // Counting begins anew when the clicks of a link are deleted, and so does telling.
  await queryRunner.query(`
    CREATE FUNCTION forget_told_clicks() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      DELETE FROM told_clicks WHERE link_id = OLD.link_id;
      RETURN NULL;
    END $$`);
  await queryRunner.query(`
    CREATE TRIGGER link_totals_forget_told AFTER DELETE ON link_totals
      FOR EACH ROW EXECUTE FUNCTION forget_told_clicks()`);
}
