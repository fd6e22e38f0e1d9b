import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import type { LinksConfig } from '../../config/links.config.js';
import type { ServerConfig } from '../../config/server.config.js';
import { AuditEventsRepository } from '../../src/audit/audit-events.repository.js';
import { AuditService } from '../../src/audit/audit.service.js';
import { EventsRepository } from '../../src/events/events.repository.js';
import { EventsService } from '../../src/events/events.service.js';
import { ApiKeyEntity } from '../../src/auth/api-key.entity.js';
import { ApiKeyPurgeService } from '../../src/auth/api-key-purge.service.js';
import { ApiKeysRepository } from '../../src/auth/api-keys.repository.js';
import { ApiKeysService } from '../../src/auth/api-keys.service.js';
import type { AuthService } from '../../src/auth/auth.service.js';
import { UserEntity } from '../../src/auth/user.entity.js';
import { Clock } from '../../src/common/clock.js';
import { uuidv7 } from '../../src/common/uuid.js';
import { DatabaseService } from '../../src/platform/database/database.service.js';
import type { BlockedHostsService } from '../../src/links/blocked-hosts.service.js';
import { LinkEntity } from '../../src/links/link.entity.js';
import { LinkChangesService } from '../../src/links/link-changes.service.js';
import type { LinkFactory } from '../../src/links/link.factory.js';
import type { LinkPasswordsService } from '../../src/links/link-passwords.service.js';
import type { LinkPagesRepository } from '../../src/links/link-pages.repository.js';
import { LinkPresenter } from '../../src/links/link.presenter.js';
import { LinksRepository } from '../../src/links/links.repository.js';
import { LinksService } from '../../src/links/links.service.js';
import { InvitationPurgeService } from '../../src/workspaces/invitation-purge.service.js';
import { InvitationEntity } from '../../src/workspaces/invitation.entity.js';
import { InvitationsRepository } from '../../src/workspaces/invitations.repository.js';
import { InvitationsService } from '../../src/workspaces/invitations.service.js';
import { MembersService } from '../../src/workspaces/members.service.js';
import { MembersRepository } from '../../src/workspaces/members.repository.js';
import { WorkspaceMemberEntity } from '../../src/workspaces/workspace-member.entity.js';
import { WorkspaceEntity } from '../../src/workspaces/workspace.entity.js';
import { WorkspacesRepository } from '../../src/workspaces/workspaces.repository.js';
import { WorkspacesService } from '../../src/workspaces/workspaces.service.js';
import { onlyDefaultHost } from '../support/hosts.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

describe('Workspaces on PostgreSQL', () => {
  let database: TestDatabase;
  let source: DataSource;
  let ada: string;
  let now: number;

  beforeAll(async () => {
    database = await createDatabase();
    source = await new DataSource({
      type: 'postgres',
      url: database.url,
      entities: [
        UserEntity,
        LinkEntity,
        WorkspaceEntity,
        WorkspaceMemberEntity,
        InvitationEntity,
        ApiKeyEntity,
      ],
    }).initialize();
  });
  afterAll(async () => {
    await source.destroy();
    await database.drop();
  });
  beforeEach(async () => {
    now = Date.now();
    ada = await addUser();
  });

  async function addUser(): Promise<string> {
    const id = uuidv7();
    await source.query(
      `INSERT INTO users (id, email, password_hash, role, created_at)
       VALUES ($1::uuid, $1::text || '@example.com', '', 'member', now())`,
      [id],
    );
    return id;
  }
  function servicesOn(limits: { workspaces?: number; links?: number } = {}) {
    const service = new DatabaseService(source);
    const clock = Object.assign(new Clock(), { now: () => now });
    const repository = new WorkspacesRepository(service);
    const config = {
      maxWorkspacesPerUser: limits.workspaces ?? 0,
      maxLinksPerWorkspace: limits.links ?? 0,
    } as LinksConfig;
    const server = { publicUrl: 'https://go.example.com' } as ServerConfig;
    const auth = {} as AuthService;
    const audit = new AuditService(new AuditEventsRepository(service), service, clock);
    const events = new EventsService(new EventsRepository(service), service, clock);
    const workspaces = new WorkspacesService(
      repository,
      auth,
      service,
      clock,
      config,
      server,
      audit,
    );
    const membersRepository = new MembersRepository(service);
    const members = new MembersService(
      membersRepository,
      repository,
      workspaces,
      service,
      clock,
      audit,
    );
    const keysRepository = new ApiKeysRepository(service);
    const linksRepository = new LinksRepository(service);
    const presenter = new LinkPresenter(onlyDefaultHost());
    const links = new LinksService(
      linksRepository,
      {} as LinkPagesRepository,
      { changes: (changes: object) => changes } as unknown as LinkFactory,
      new LinkChangesService(linksRepository, audit, service, events, presenter),
      workspaces,
      clock,
      server,
      { refuseBlocked: async () => undefined } as unknown as BlockedHostsService,
      config,
      { columnsOf: async () => ({}) } as unknown as LinkPasswordsService,
      onlyDefaultHost(),
      presenter,
    );
    links.onModuleInit();
    const invitations = new InvitationsRepository(service);
    return {
      workspaces,
      links,
      invitations: new InvitationsService(
        invitations,
        members,
        repository,
        workspaces,
        service,
        clock,
        server,
        audit,
      ),
      members,
      keys: new ApiKeysService(keysRepository, service, clock, audit),
      purge: new InvitationPurgeService(service, invitations),
      keyPurge: new ApiKeyPurgeService(service, keysRepository, clock),
    };
  }
  async function addWorkspace(links = 0, deleted = 0): Promise<string> {
    const { id } = await servicesOn().workspaces.create(ada, 'Team');
    await source.query(
      `INSERT INTO links (id, workspace_id, code, url, deleted_at)
       SELECT gen_random_uuid(), $1::uuid, $1::text || '-' || n, '', CASE WHEN n <= $3 THEN now() END
       FROM generate_series(1, $2::integer) AS n`,
      [id, links + deleted, deleted],
    );
    return id;
  }
  const linkIdsOf = async (workspaceId: string): Promise<string[]> =>
    (
      await source.query<{ id: string }[]>('SELECT id FROM links WHERE workspace_id = $1', [
        workspaceId,
      ])
    ).map(({ id }) => id);
  /** As the triggers have counted them. */
  const countOf = async (workspaceId: string): Promise<number> =>
    (
      await source.query<{ links: number }[]>(
        `SELECT coalesce(sum(links), 0)::integer AS links FROM workspace_link_counts
         WHERE workspace_id = $1`,
        [workspaceId],
      )
    )[0]!.links;
  const codeOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 'no problem',
      ({ code, message }: { code?: string; message: string }) => code ?? message,
    );
  const times = (outcomes: string[], code: string) => outcomes.filter((one) => one === code).length;

  it('are no more than a user may own, although 20 are made at once', async () => {
    const { workspaces } = servicesOn({ workspaces: 3 });
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => codeOf(workspaces.create(ada, 'One more'))),
    );
    expect(times(outcomes, 'no problem')).toBe(3);
    expect(times(outcomes, 'workspace-limit-reached')).toBe(17);
  });

  it('hand all of their links over, deleted ones included, and are gone', async () => {
    const [from, to] = [await addWorkspace(5_500, 600), await addWorkspace(2)];
    await servicesOn().workspaces.delete(ada, from, to);
    expect(await linkIdsOf(to)).toHaveLength(6_102);
    expect(await countOf(to)).toBe(6_102);
    expect(await codeOf(servicesOn().workspaces.get(ada, from))).toBe('not-found');
  });

  it('hand none over, if that would be more than a workspace may have', async () => {
    const { workspaces } = servicesOn({ links: 5 });
    const [from, to] = [await addWorkspace(3, 1), await addWorkspace(2)];
    expect(await codeOf(workspaces.delete(ada, from, to))).toBe('link-limit-reached');
    expect([await countOf(from), await countOf(to)]).toEqual([4, 2]);
    expect(await linkIdsOf(from)).toHaveLength(4);
  });

  it('can be handed over to each other at once: one of them stays, with all links', async () => {
    const { workspaces } = servicesOn();
    for (let round = 0; round < 10; round += 1) {
      const [one, two] = [await addWorkspace(3), await addWorkspace(4)];
      const outcomes = await Promise.all([
        codeOf(workspaces.delete(ada, one, two)),
        codeOf(workspaces.delete(ada, two, one)),
      ]);
      expect(outcomes.toSorted()).toEqual(['no problem', 'not-found']);
      expect((await countOf(one)) + (await countOf(two))).toBe(7);
    }
  });

  it('get no more links than they may have, although 20 are moved there at once', async () => {
    const { links } = servicesOn({ links: 20 });
    const [from, to] = [await addWorkspace(20), await addWorkspace(15)];
    const moves = (await linkIdsOf(from)).map((id) =>
      codeOf(links.update(ada, id, { workspaceId: to })),
    );
    const outcomes = await Promise.all(moves);
    expect(times(outcomes, 'no problem')).toBe(5);
    expect(times(outcomes, 'link-limit-reached')).toBe(15);
    expect([await countOf(from), await countOf(to)]).toEqual([15, 20]);
    // Where it is already there is always room.
    const [id] = await linkIdsOf(to);
    expect(await codeOf(links.update(ada, id!, { workspaceId: to, title: 'x' }))).toBe(
      'no problem',
    );
  });

  it('keep a link from whoever could write where it was a moment ago', async () => {
    const { links } = servicesOn();
    const [from, to] = [await addWorkspace(1), await addWorkspace()];
    const editor = await addUser();
    await source.query(
      `INSERT INTO workspace_members (workspace_id, user_id, role, created_at)
       VALUES ($1, $2, 'editor', now())`,
      [from, editor],
    );
    const [id] = await linkIdsOf(from);
    // The move is not committed when the editor looks, and is when they write.
    const move = source.createQueryRunner();
    await move.startTransaction();
    await move.query('UPDATE links SET workspace_id = $1 WHERE id = $2', [to, id]);
    const changing = codeOf(links.update(editor, id!, { title: 'Not yours any more' }));
    const blocked = `SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    while ((await source.query<unknown[]>(blocked)).length === 0);
    await move.commitTransaction();
    await move.release();
    expect(await changing).toBe('link-not-found');
    const [link] = await source.query<{ title: null }[]>('SELECT title FROM links WHERE id = $1', [
      id,
    ]);
    expect(link!.title).toBeNull();
  });

  it('have invitations that end after seven days, and are deleted then', async () => {
    const { invitations, purge } = servicesOn();
    const team = await addWorkspace();
    const { token } = await invitations.create(ada, team, { role: 'viewer' });
    const [stored] = await source.query<object[]>('SELECT * FROM workspace_invitations');
    expect(JSON.stringify(stored)).not.toContain(token);
    const guest = { id: await addUser(), email: 'a@example.com', role: 'member' } as const;
    now += WEEK_MS;
    expect(await codeOf(invitations.accept(guest, token))).toBe('not-found');
    expect(await invitations.list(team, { limit: 5 })).toEqual({ items: [], nextCursor: null });
    await purge.purge();
    expect(await source.query('SELECT FROM workspace_invitations')).toHaveLength(1);
    await source.query(`UPDATE workspace_invitations SET expires_at = now() - interval '1 second'`);
    await purge.purge();
    expect(await source.query('SELECT FROM workspace_invitations')).toHaveLength(0);
    now -= 1;
    expect(await codeOf(invitations.accept(guest, token))).toBe('not-found');
  });

  describe('have limits, exact also for five who come at once:', () => {
    const five = <T>(work: (n: number) => Promise<T>) =>
      Promise.all(Array.from({ length: 5 }, (_, n) => codeOf(work(n))));
    const ONE = { isMade: 1, isRefused: 4 };
    const count = (outcomes: string[], refusal: string) => ({
      isMade: outcomes.filter((outcome) => outcome === 'no problem').length,
      isRefused: outcomes.filter((outcome) => outcome === refusal).length,
    });

    it('500 members', async () => {
      const { members, invitations } = servicesOn();
      const id = await addWorkspace();
      await source.query(
        `WITH added AS (
           INSERT INTO users (id, email, password_hash, role, created_at)
           SELECT gen_random_uuid(), gen_random_uuid() || '@example.com', '', 'member', now()
           FROM generate_series(1, 498) RETURNING id
         )
         INSERT INTO workspace_members SELECT $1, id, 'viewer', now() FROM added`,
        [id],
      );
      const { token } = await invitations.create(ada, id, { role: 'viewer' });
      const users = await Promise.all(Array.from({ length: 6 }, addUser));
      const outcomes = await five((n) => members.add(ada, id, `${users[n]}@example.com`, 'editor'));
      expect(count(outcomes, 'member-limit-reached')).toEqual(ONE);
      const guest = { id: users[5]!, email: '', role: 'member' } as const;
      expect(await codeOf(invitations.accept(guest, token))).toBe('member-limit-reached');
      expect((await invitations.list(id, { limit: 10 })).items).toHaveLength(1);
    });

    it('200 invitations that can still be accepted', async () => {
      const { invitations } = servicesOn();
      const id = await addWorkspace();
      await source.query(
        `INSERT INTO workspace_invitations (id, workspace_id, role, token_hash, created_at, expires_at)
         SELECT gen_random_uuid(), $1, 'viewer', uuid_send(gen_random_uuid()), now(),
           to_timestamp($2 / 1000.0) + CASE WHEN n = 1 THEN -1 ELSE 1 END * interval '1 hour'
         FROM generate_series(1, 200) AS n`,
        [id, now],
      );
      const outcomes = await five(() => invitations.create(ada, id, { role: 'viewer' }));
      expect(count(outcomes, 'invitation-limit-reached')).toEqual(ONE);
    });

    it('100 API keys that have not expired', async () => {
      const { keys } = servicesOn();
      const id = await addWorkspace();
      await source.query(
        `INSERT INTO api_keys (id, workspace_id, name, scopes, key_hash, prefix, last_four, created_at, expires_at)
         SELECT gen_random_uuid(), $1, 'x', '{links:read}', uuid_send(gen_random_uuid()), '', '', now(),
           to_timestamp($2 / 1000.0) + CASE WHEN n = 1 THEN -1 ELSE 1 END * interval '1 hour'
         FROM generate_series(1, 100) AS n`,
        [id, now],
      );
      const wanted = { name: 'x', scopes: ['links:read' as const] };
      const outcomes = await five(() => keys.create(ada, id, wanted));
      expect(count(outcomes, 'api-key-limit-reached')).toEqual(ONE);
      const [key] = (await keys.list(id, { limit: 1 })).items;
      expect(await codeOf(keys.rotate(ada, id, key!.id, 60))).toBe('api-key-limit-reached');
      expect(await codeOf(keys.rotate(ada, id, key!.id, 0))).toBe('no problem');
    });
  });

  it('list API keys for thirty days after they have expired', async () => {
    const { keys, keyPurge } = servicesOn();
    const id = await addWorkspace();
    const expiresAt = new Date(now + 1);
    await keys.create(ada, id, { name: 'x', scopes: ['links:read'], expiresAt });
    await keys.create(ada, id, { name: 'of no end', scopes: ['links:read'] });
    const names = async () => {
      await keyPurge.purge();
      return (await keys.list(id, { limit: 10 })).items.map(({ name }) => name).toSorted();
    };
    now += 30 * 24 * 60 * 60 * 1000;
    expect(await names()).toEqual(['of no end', 'x']);
    now += 2;
    expect(await names()).toEqual(['of no end']);
  });
});
