import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import type { LinksConfig } from '../../config/links.config.js';
import type { ServerConfig } from '../../config/server.config.js';
import { AuditEventsRepository } from '../../src/audit/audit-events.repository.js';
import { AuditService } from '../../src/audit/audit.service.js';
import type { AuthService } from '../../src/auth/auth.service.js';
import { UserEntity } from '../../src/auth/user.entity.js';
import { Clock } from '../../src/common/clock.js';
import { uuidv7 } from '../../src/common/uuid.js';
import { DatabaseService } from '../../src/database/database.service.js';
import type { BlockedHostsService } from '../../src/links/blocked-hosts.service.js';
import { LinkEntity } from '../../src/links/link.entity.js';
import { LinkChangesService } from '../../src/links/link-changes.service.js';
import type { LinkFactory } from '../../src/links/link.factory.js';
import type { LinkPagesRepository } from '../../src/links/link-pages.repository.js';
import { LinksRepository } from '../../src/links/links.repository.js';
import { LinksService } from '../../src/links/links.service.js';
import { InvitationPurgeService } from '../../src/workspaces/invitation-purge.service.js';
import { InvitationEntity } from '../../src/workspaces/invitation.entity.js';
import { InvitationsRepository } from '../../src/workspaces/invitations.repository.js';
import { InvitationsService } from '../../src/workspaces/invitations.service.js';
import { MembersRepository } from '../../src/workspaces/members.repository.js';
import { WorkspaceMemberEntity } from '../../src/workspaces/workspace-member.entity.js';
import { WorkspaceEntity } from '../../src/workspaces/workspace.entity.js';
import { WorkspacesRepository } from '../../src/workspaces/workspaces.repository.js';
import { WorkspacesService } from '../../src/workspaces/workspaces.service.js';
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
      entities: [UserEntity, LinkEntity, WorkspaceEntity, WorkspaceMemberEntity, InvitationEntity],
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
    const workspaces = new WorkspacesService(repository, auth, service, clock, config, server);
    const audit = new AuditService(new AuditEventsRepository(service), service, clock);
    const linksRepository = new LinksRepository(service);
    const links = new LinksService(
      linksRepository,
      {} as LinkPagesRepository,
      { changes: (changes: object) => changes } as unknown as LinkFactory,
      new LinkChangesService(linksRepository, audit, service),
      workspaces,
      clock,
      server,
      {} as BlockedHostsService,
      config,
    );
    links.onModuleInit();
    const invitations = new InvitationsRepository(service);
    return {
      workspaces,
      links,
      invitations: new InvitationsService(
        invitations,
        new MembersRepository(service),
        repository,
        workspaces,
        service,
        clock,
        server,
      ),
      purge: new InvitationPurgeService(service, invitations),
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
});
