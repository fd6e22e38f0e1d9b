import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Further hosts of workspaces, on which their links are answered. */
export class CreateDomains1764000011000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE domains (
        id uuid NOT NULL,
        workspace_id uuid NOT NULL,
        host text COLLATE "C" NOT NULL,
        token text NOT NULL,
        root_redirect_url text,
        not_found_redirect_url text,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL,
        verified_at timestamptz,
        CONSTRAINT domains_pkey PRIMARY KEY (id),
        CONSTRAINT domains_workspace_id_host_key UNIQUE (workspace_id, host),
        CONSTRAINT domains_workspace_id_fkey
          FOREIGN KEY (workspace_id) REFERENCES workspaces (id) ON DELETE CASCADE
      )`);
    // Anybody may claim a host; who has proved it keeps it.
    await queryRunner.query(
      `CREATE UNIQUE INDEX domains_verified_host_key ON domains (host)
       WHERE verified_at IS NOT NULL`,
    );
    await queryRunner.query(
      `CREATE INDEX links_of_domain_idx ON links (workspace_id, domain, id DESC NULLS LAST)
       WHERE domain <> ''`,
    );
    await keepDomainsOfLinks(queryRunner);
    await announceDomains(queryRunner);
    await announceLinks(
      queryRunner,
      `CASE domain WHEN '' THEN code ELSE domain || ' ' || code END`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await announceLinks(queryRunner, 'code');
    await queryRunner.query('DROP TRIGGER links_need_domain_insert ON links');
    await queryRunner.query('DROP TRIGGER links_need_domain_update ON links');
    await queryRunner.query('DROP INDEX links_of_domain_idx');
    await queryRunner.query('DROP TABLE domains');
    await queryRunner.query(
      'DROP FUNCTION insist_on_link_domain(), keep_link_domain(), announce_domain_changes()',
    );
  }
}

/**
 * A foreign key that PostgreSQL has no words for: a link on a further host needs a verified domain of its
 * own workspace, unless it is deleted. The trigger comes after the row, and its name after those of foreign
 * keys, so that workspaces are locked before domains, as when a workspace is deleted.
 */
async function keepDomainsOfLinks(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    CREATE FUNCTION insist_on_link_domain() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM FROM domains
        WHERE workspace_id = NEW.workspace_id AND host = NEW.domain AND verified_at IS NOT NULL
        FOR KEY SHARE;
      IF NOT FOUND THEN
        RAISE foreign_key_violation USING CONSTRAINT = 'links_domain_fkey',
          MESSAGE = 'the workspace has no such verified domain';
      END IF;
      RETURN NULL;
    END $$`);
  for (const [name, event] of [
    ['insert', 'INSERT'],
    ['update', 'UPDATE OF workspace_id, domain, deleted_at'],
  ]) {
    await queryRunner.query(`
      CREATE TRIGGER links_need_domain_${name} AFTER ${event} ON links
        FOR EACH ROW WHEN (NEW.domain <> '' AND NEW.deleted_at IS NULL)
        EXECUTE FUNCTION insist_on_link_domain()`);
  }
  await queryRunner.query(`
    CREATE FUNCTION keep_link_domain() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM FROM links WHERE domain = OLD.host AND deleted_at IS NULL LIMIT 1;
      IF FOUND THEN
        RAISE foreign_key_violation USING CONSTRAINT = 'links_domain_fkey',
          MESSAGE = 'the domain has links that are not deleted';
      END IF;
      RETURN NULL;
    END $$`);
  await queryRunner.query(`
    CREATE TRIGGER domains_keep AFTER DELETE ON domains
      FOR EACH ROW WHEN (OLD.verified_at IS NOT NULL)
      EXECUTE FUNCTION keep_link_domain()`);
}

/** The hosts that are answered are in the memory of each process. */
async function announceDomains(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    CREATE FUNCTION announce_domain_changes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_notify('domain_changed', '');
      RETURN NULL;
    END $$`);
  for (const [event, row] of [
    ['INSERT', 'NEW'],
    ['UPDATE', 'NEW'],
    ['DELETE', 'OLD'],
  ]) {
    await queryRunner.query(`
      CREATE TRIGGER domains_announce_${event!.toLowerCase()} AFTER ${event} ON domains
        FOR EACH ROW WHEN (${row}.verified_at IS NOT NULL)
        EXECUTE FUNCTION announce_domain_changes()`);
  }
}

/**
 * A link on a further host is announced with its host. The version before this one hears a code that it
 * does not have, and answers for the default host only.
 */
async function announceLinks(queryRunner: QueryRunner, key: string): Promise<void> {
  await queryRunner.query(`
    CREATE OR REPLACE FUNCTION announce_link_changes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF (SELECT count(*) FROM (SELECT 1 FROM changed LIMIT 101) AS first_rows) > 100 THEN
        PERFORM pg_notify('link_changed', '*');
      ELSE
        PERFORM pg_notify('link_changed', ${key}) FROM changed;
      END IF;
      RETURN NULL;
    END $$`);
}
