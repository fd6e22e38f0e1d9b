import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { DataSource, type Logger } from 'typeorm';
import type { DatabaseConfig } from '../../config/database.config.js';
import type { LinksConfig } from '../../config/links.config.js';
import type { ServerConfig } from '../../config/server.config.js';
import { AuditEventsRepository } from '../../src/audit/audit-events.repository.js';
import { AuditService } from '../../src/audit/audit.service.js';
import type { AuthService } from '../../src/auth/auth.service.js';
import { UserEntity } from '../../src/auth/user.entity.js';
import { Clock } from '../../src/common/clock.js';
import { uuidv7 } from '../../src/common/uuid.js';
import { BlockedHostEntity } from '../../src/links/blocked-host.entity.js';
import { BlockedHostsRepository } from '../../src/links/blocked-hosts.repository.js';
import { BlockedHostsService } from '../../src/links/blocked-hosts.service.js';
import { LinkBatchesService } from '../../src/links/link-batches.service.js';
import type { LinkPasswordsService } from '../../src/links/link-passwords.service.js';
import { onlyDefaultHost } from '../support/hosts.js';
import { LinkChangesService } from '../../src/links/link-changes.service.js';
import { LinkEntity } from '../../src/links/link.entity.js';
import { LinkFactory } from '../../src/links/link.factory.js';
import { EventsRepository } from '../../src/events/events.repository.js';
import { EventsService } from '../../src/events/events.service.js';
import { LinkPresenter } from '../../src/links/link.presenter.js';
import { LinksRepository } from '../../src/links/links.repository.js';
import type { LinkOperation } from '../../src/links/links.types.js';
import { ShortCodeGenerator } from '../../src/links/short-code.generator.js';
import { ShortCodePolicy } from '../../src/links/short-code.policy.js';
import { TargetUrlPolicy } from '../../src/links/target-url.policy.js';
import { WorkspaceLinkCountEntity } from '../../src/links/workspace-link-count.entity.js';
import { DatabaseService } from '../../src/platform/database/database.service.js';
import { WorkspaceMemberEntity } from '../../src/workspaces/workspace-member.entity.js';
import { WorkspaceEntity } from '../../src/workspaces/workspace.entity.js';
import { WorkspacesRepository } from '../../src/workspaces/workspaces.repository.js';
import { WorkspacesService } from '../../src/workspaces/workspaces.service.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

const url = 'https://example.com/';
/** Those that begin and end transactions included. */
const A_HANDFUL = 25;

describe('A batch of links on PostgreSQL', () => {
  let database: TestDatabase;
  let source: DataSource;
  let batches: LinkBatchesService;
  let generator: ShortCodeGenerator;
  const ada = uuidv7();
  const statements: string[] = [];

  beforeAll(async () => {
    database = await createDatabase();
    const logQuery = (text: string) => void statements.push(text);
    const nothing = () => undefined;
    source = await new DataSource({
      type: 'postgres',
      url: database.url,
      logging: ['query'],
      logger: {
        logQuery,
        logQueryError: nothing,
        logQuerySlow: nothing,
        logSchemaBuild: nothing,
        logMigration: nothing,
        log: nothing,
      } as Logger,
      entities: [
        UserEntity,
        LinkEntity,
        BlockedHostEntity,
        WorkspaceEntity,
        WorkspaceLinkCountEntity,
        WorkspaceMemberEntity,
      ],
    }).initialize();
    await source.query(
      `INSERT INTO users (id, email, password_hash, role, created_at)
       VALUES ($1, 'ada@example.com', '', 'member', now())`,
      [ada],
    );
    const workspace = uuidv7();
    await source.query(`INSERT INTO workspaces (id, name, created_at) VALUES ($1, 'Team', now())`, [
      workspace,
    ]);
    await source.query(
      `INSERT INTO workspace_members (workspace_id, user_id, role, created_at)
       VALUES ($1, $2, 'owner', now())`,
      [workspace, ada],
    );
    [batches, generator] = servicesOn(source);
  });
  afterAll(async () => {
    await source.destroy();
    await database.drop();
  });

  async function run(operations: LinkOperation[]) {
    statements.length = 0;
    const results = await batches.run(ada, { operations, atomic: false });
    return { statuses: results.map(({ status }) => status), statements: [...statements] };
  }
  const many = (operationOf: (n: number) => LinkOperation) =>
    Array.from({ length: 500 }, (_, n) => operationOf(n));

  it('makes, replaces, changes and deletes 500 links with a handful of statements each', async () => {
    const operations: [LinkOperation[], number][] = [
      [many((n) => ({ op: 'create', link: { url, externalId: `${n}`, title: `${n}` } })), 201],
      [many((n) => ({ op: 'upsert', externalId: `${n}`, link: { url, tags: [`${n}`] } })), 200],
      [many((n) => ({ op: 'update', externalId: `${n}`, changes: { maxClicks: n + 1 } })), 200],
      [many((n) => ({ op: 'delete', externalId: `${n}` })), 204],
    ];
    for (const [batch, expected] of operations) {
      const { statuses, statements: texts } = await run(batch);
      expect(new Set(statuses)).toEqual(new Set([expected]));
      expect(texts.length).toBeLessThanOrEqual(A_HANDFUL);
    }
    const [row] = await source.query<object[]>(
      `SELECT count(*)::int AS links, min(version) AS version, count(DISTINCT max_clicks)::int AS clicks,
         count(DISTINCT tags)::int AS tags, count(title)::int AS titles, count(deleted_at)::int AS deleted,
         (SELECT count(*)::int FROM audit_events) AS events FROM links`,
    );
    expect(row).toEqual({
      links: 500,
      version: 4,
      clicks: 500,
      tags: 500,
      titles: 0,
      deleted: 500,
      events: 2_000,
    });
  }, 60_000);

  it('announces each link by itself, so that no process asks for all of its links again', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const heard: (string | undefined)[] = [];
    client.on('notification', ({ payload }) => heard.push(payload));
    await client.query('LISTEN link_changed');
    await run(many((n) => ({ op: 'create', link: { url, code: `heard-${n}` } })));
    await client.query('SELECT 1');
    await client.end();
    expect(heard).not.toContain('*');
    expect(heard).toHaveLength(500);
  }, 60_000);

  it('finds other codes for those that were generated and are taken', async () => {
    const taken = ['Taken22', 'Taken33'];
    await run(taken.map((code) => ({ op: 'create', link: { url, code } })));
    const free = ['Free222', 'Free333', 'Free444'];
    const next = generator.next.bind(generator);
    const codes = [...taken, ...free];
    generator.next = () => codes.shift() ?? next();
    const { statuses } = await run(
      Array.from({ length: 3 }, () => ({ op: 'create', link: { url } })),
    );
    generator.next = next;
    expect(statuses).toEqual([201, 201, 201]);
    const rows = await source.query<object[]>('SELECT code FROM links WHERE code = ANY($1)', [
      free,
    ]);
    expect(rows).toHaveLength(3);
  });
});

function servicesOn(source: DataSource): [LinkBatchesService, ShortCodeGenerator] {
  const clock = new Clock();
  const database = new DatabaseService(source);
  const server = { publicUrl: 'https://go.example.com', host: '0.0.0.0' } as ServerConfig;
  const config = {
    allowPrivateTargets: true,
    allowedTargetSchemes: [] as string[],
    refuseOffensiveCodes: false,
    maxLinksPerWorkspace: 0,
    maxWorkspacesPerUser: 0,
  } as LinksConfig;
  const policy = new ShortCodePolicy(config);
  const generator = new ShortCodeGenerator(policy);
  const hosts = onlyDefaultHost(server.publicUrl);
  const targets = new TargetUrlPolicy(server, config, hosts);
  const factory = new LinkFactory(targets, policy, generator, clock, hosts);
  const audit = new AuditService(new AuditEventsRepository(database), database, clock);
  const workspaces = new WorkspacesService(
    new WorkspacesRepository(database),
    {} as AuthService,
    database,
    clock,
    config,
    server,
    audit,
  );
  const repository = new LinksRepository(database);
  const events = new EventsService(new EventsRepository(database), database, clock);
  const presenter = new LinkPresenter(hosts);
  const changes = new LinkChangesService(repository, audit, database, events, presenter);
  const blocked = new BlockedHostsService(
    new BlockedHostsRepository(database),
    clock,
    audit,
    database,
  );
  // No link of these tests has a password.
  const passwords = { columnsOf: async () => ({}) } as unknown as LinkPasswordsService;
  const batches = new LinkBatchesService(
    presenter,
    repository,
    changes,
    factory,
    blocked,
    passwords,
    workspaces,
    database,
    clock,
    config,
    { poolSize: 10 } as DatabaseConfig,
  );
  return [batches, generator];
}
