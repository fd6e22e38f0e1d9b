import type { MigrationInterface, QueryRunner } from 'typeorm';

const INSTANCE = '00000000-0000-0000-0000-000000000000';

/**
 * What was changed, by whom: rows that are only ever added, and of which each carries the hash of the one
 * before it in its chain, that of its workspace or of the instance. No foreign keys: the trail outlives
 * what it tells of.
 */
export class CreateAuditEvents1764000007000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await createTables(queryRunner);
    await chain(queryRunner);
    await refuseChanges(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE audit_events, audit_chains');
    await queryRunner.query('DROP FUNCTION chain_audit_event, keep_audit_event, keep_audit_events');
  }
}

async function createTables(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    CREATE TABLE audit_events (
      id uuid NOT NULL,
      occurred_at timestamptz NOT NULL,
      workspace_id uuid,
      action text NOT NULL,
      actor_type text NOT NULL,
      actor_id uuid,
      targets jsonb NOT NULL,
      changes jsonb NOT NULL,
      context jsonb NOT NULL,
      outcome text NOT NULL,
      link_id uuid,
      link_version integer,
      sequence bigint NOT NULL,
      previous_hash bytea NOT NULL,
      hash bytea NOT NULL,
      CONSTRAINT audit_events_pkey PRIMARY KEY (id)
    )`);
  await queryRunner.query(`
    CREATE UNIQUE INDEX audit_events_sequence_key
      ON audit_events (coalesce(workspace_id, '${INSTANCE}'), sequence)`);
  await queryRunner.query(`
    CREATE INDEX audit_events_link_idx ON audit_events (link_id, link_version)
      WHERE link_id IS NOT NULL`);
  // With room in its pages, and no index of what changes, a row is changed within its page.
  await queryRunner.query(`
    CREATE TABLE audit_chains (
      chain_id uuid NOT NULL,
      length bigint NOT NULL DEFAULT 0,
      last_hash bytea NOT NULL,
      purged bigint NOT NULL DEFAULT 0,
      purged_hash bytea NOT NULL,
      CONSTRAINT audit_chains_pkey PRIMARY KEY (chain_id)
    ) WITH (fillfactor = 50)`);
}

/** Who adds to the same chain comes one after the other, until the end of their transactions. */
async function chain(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    CREATE FUNCTION chain_audit_event() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      of_event uuid := coalesce(NEW.workspace_id, '${INSTANCE}');
      chain audit_chains;
    BEGIN
      SELECT * INTO chain FROM audit_chains WHERE chain_id = of_event FOR NO KEY UPDATE;
      IF NOT FOUND THEN
        INSERT INTO audit_chains (chain_id, last_hash, purged_hash)
          VALUES (of_event, sha256(''), sha256('')) ON CONFLICT DO NOTHING;
        SELECT * INTO chain FROM audit_chains WHERE chain_id = of_event FOR NO KEY UPDATE;
      END IF;
      NEW.sequence := chain.length + 1;
      NEW.previous_hash := chain.last_hash;
      NEW.hash := sha256(NEW.previous_hash || convert_to(jsonb_build_array(
        NEW.sequence, NEW.id, (extract(epoch FROM NEW.occurred_at) * 1000000)::bigint,
        NEW.workspace_id, NEW.action, NEW.actor_type, NEW.actor_id, NEW.targets, NEW.changes,
        NEW.context, NEW.outcome, NEW.link_id, NEW.link_version
      )::text, 'UTF8'));
      UPDATE audit_chains SET length = NEW.sequence, last_hash = NEW.hash WHERE chain_id = of_event;
      RETURN NEW;
    END $$`);
  await queryRunner.query(`
    CREATE TRIGGER audit_events_chain BEFORE INSERT ON audit_events
      FOR EACH ROW EXECUTE FUNCTION chain_audit_event()`);
}

/** Against accidents: whoever owns the table can drop the triggers, and a verification finds it. */
async function refuseChanges(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    CREATE FUNCTION keep_audit_events() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'audit_events can only be added to';
    END $$`);
  await queryRunner.query(`
    CREATE FUNCTION keep_audit_event() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      -- What a chain begins behind has been forgotten on purpose.
      PERFORM FROM audit_chains
        WHERE chain_id = coalesce(OLD.workspace_id, '${INSTANCE}') AND purged >= OLD.sequence;
      IF NOT FOUND THEN RAISE EXCEPTION 'audit_events can only be added to'; END IF;
      RETURN OLD;
    END $$`);
  await queryRunner.query(`
    CREATE TRIGGER audit_events_keep BEFORE UPDATE OR TRUNCATE ON audit_events
      EXECUTE FUNCTION keep_audit_events()`);
  await queryRunner.query(`
    CREATE TRIGGER audit_events_keep_each BEFORE DELETE ON audit_events
      FOR EACH ROW EXECUTE FUNCTION keep_audit_event()`);
}
