import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import type { LinksConfig } from '../../config/links.config.js';
import type { ServerConfig } from '../../config/server.config.js';
import { AuditEventsRepository } from '../../src/audit/audit-events.repository.js';
import { AuditService } from '../../src/audit/audit.service.js';
import { EventsRepository } from '../../src/events/events.repository.js';
import { EventsService } from '../../src/events/events.service.js';
import type { AuthService } from '../../src/auth/auth.service.js';
import { UserEntity } from '../../src/auth/user.entity.js';
import { Clock } from '../../src/common/clock.js';
import { uuidv7 } from '../../src/common/uuid.js';
import { DatabaseService } from '../../src/platform/database/database.service.js';
import { BlockedHostEntity } from '../../src/links/blocked-host.entity.js';
import { BlockedHostsRepository } from '../../src/links/blocked-hosts.repository.js';
import { BlockedHostsService } from '../../src/links/blocked-hosts.service.js';
import { LinkChangesService } from '../../src/links/link-changes.service.js';
import { LinkEntity } from '../../src/links/link.entity.js';
import { LinkFactory } from '../../src/links/link.factory.js';
import type { LinkPasswordsService } from '../../src/links/link-passwords.service.js';
import { LinkPagesRepository } from '../../src/links/link-pages.repository.js';
import { LinkPresenter } from '../../src/links/link.presenter.js';
import { LinksRepository } from '../../src/links/links.repository.js';
import { LinksService } from '../../src/links/links.service.js';
import type { LinkQuery, NewLink } from '../../src/links/links.types.js';
import { ShortCodeGenerator } from '../../src/links/short-code.generator.js';
import { ShortCodePolicy } from '../../src/links/short-code.policy.js';
import { TargetUrlPolicy } from '../../src/links/target-url.policy.js';
import { WorkspaceLinkCountEntity } from '../../src/links/workspace-link-count.entity.js';
import { WorkspaceMemberEntity } from '../../src/workspaces/workspace-member.entity.js';
import { WorkspaceEntity } from '../../src/workspaces/workspace.entity.js';
import { WorkspacesRepository } from '../../src/workspaces/workspaces.repository.js';
import { WorkspacesService } from '../../src/workspaces/workspaces.service.js';
import type { WorkspaceRole } from '../../src/workspaces/workspaces.types.js';
import { onlyDefaultHost } from '../support/hosts.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

const url = 'https://example.com/';

describe('Links on PostgreSQL', () => {
  let database: TestDatabase;
  let source: DataSource;
  let links: LinksService;
  let ada: string;
  let workspace: string;

  beforeAll(async () => {
    database = await createDatabase();
    source = await new DataSource({
      type: 'postgres',
      url: database.url,
      entities: [
        UserEntity,
        LinkEntity,
        BlockedHostEntity,
        WorkspaceEntity,
        WorkspaceLinkCountEntity,
        WorkspaceMemberEntity,
      ],
    }).initialize();
    links = serviceOn(source);
  });
  afterAll(async () => {
    await source.destroy();
    await database.drop();
  });
  beforeEach(async () => {
    ada = await addUser();
    workspace = await addWorkspace(ada, 'owner');
  });

  async function addUser(): Promise<string> {
    const id = uuidv7();
    await source.query(
      `INSERT INTO users (id, email, password_hash, role, created_at)
       VALUES ($1, $2, '', 'member', now())`,
      [id, `${id}@example.com`],
    );
    return id;
  }
  async function addWorkspace(userId: string, role: WorkspaceRole): Promise<string> {
    const id = uuidv7();
    await source.query(`INSERT INTO workspaces (id, name, created_at) VALUES ($1, 'Team', now())`, [
      id,
    ]);
    await join(userId, id, role);
    return id;
  }
  const join = (userId: string, workspaceId: string, role: WorkspaceRole) =>
    source.query(
      'INSERT INTO workspace_members (workspace_id, user_id, role, created_at) VALUES ($1, $2, $3, now())',
      [workspaceId, userId, role],
    );
  const add = (changes: Partial<NewLink> = {}) => links.create(ada, { url, ...changes });
  const list = async (query: Partial<LinkQuery> = {}) =>
    (await links.list(ada, { limit: 50, ...query })).items;
  const titles = async (query: Partial<LinkQuery>) =>
    (await list(query)).map(({ title }) => title!).toSorted();
  let lastCode = 0;
  const newCode = () => `Summer-${(lastCode += 1)}`;
  const codeOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 'no problem',
      (error: { code: string }) => error.code,
    );

  it('come back as they were made, whatever their texts are', async () => {
    const strange = ['a,b', '{c}', '"d"', 'back\\slash', "o'hara", 'NULL', 'ünï☃💥', '%_', ' '];
    const made = await add({
      tags: strange,
      title: `Robert'); DROP TABLE links;--`,
      redirectStatus: 308,
      startsAt: new Date('2030-01-01T00:00:00.123Z'),
      expiresAt: new Date('2031-01-01T00:00:00Z'),
      maxClicks: 2_147_483_647,
    });
    expect(await links.get(ada, made.id)).toEqual(made);
    for (const tag of strange) expect(await list({ tag })).toHaveLength(1);
  });

  it('are listed page by page, each once, though some are added and deleted meanwhile', async () => {
    const team = await addWorkspace(ada, 'editor');
    const made: string[] = [];
    for (let n = 0; n < 23; n += 1) {
      made.push((await add({ workspaceId: n % 3 === 0 ? team : workspace })).id);
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await links.list(ada, { limit: 5, cursor });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
      await add();
      if (seen.length === 5) await links.delete(ada, seen[0]!);
    } while (cursor !== undefined);
    expect(seen).toEqual(made.toSorted().toReversed());
  });

  it('end with a page that has no next one, also if it is full', async () => {
    for (let n = 0; n < 4; n += 1) await add();
    const first = await links.list(ada, { limit: 2 });
    const second = await links.list(ada, { limit: 2, cursor: first.nextCursor! });
    expect([first.items.length, second.items.length]).toEqual([2, 2]);
    expect(second.nextCursor).toBeNull();
    expect(await links.list(await addUser(), { limit: 2 })).toEqual({
      items: [],
      nextCursor: null,
    });
  });

  it('are found by a part of their title, code or target in any case', async () => {
    await add({ title: 'Summer Sale', code: 'x-SUMMER' });
    await add({ title: 'Winter', url: 'https://example.com/WinterSale' });
    expect(await titles({ q: 'sale' })).toEqual(['Summer Sale', 'Winter']);
    expect(await titles({ q: 'SUMMER sale' })).toEqual(['Summer Sale']);
    expect(await titles({ q: '-summer' })).toEqual(['Summer Sale']);
    expect(await titles({ q: 'wintersale' })).toEqual(['Winter']);
    expect(await titles({ q: 'autumn' })).toEqual([]);
  });

  it('are found by what they are called letter for letter, in every script', async () => {
    for (const title of ['Über uns', 'ΣΊΣΥΦΟΣ', 'İstanbul', 'ГОРОД', '東京']) {
      await add({ title });
      expect(await titles({ q: title })).toEqual([title]);
    }
  });

  it.each([
    ['Über uns', 'ÜBER UNS'],
    ['Über uns', 'über'],
    ['Über uns', 'u\u0308ber'],
    ['u\u0308ber uns', 'Über'],
    ['ΣΊΣΥΦΟΣ', 'σίσυφος'],
    ['Οδός', 'ΟΔΌΣ'],
    ['İstanbul', 'istanbul'],
    ['город', 'ГОРОД'],
    ['ＳＡＬＥ', 'sale'],
    ['ﬁnal oﬀer', 'final offer'],
    ['Ångström', '\u212bngstr'],
    ['한국', '한국'.normalize('NFD')],
    ['Rock\u00a0’n’ Roll', ' rock ’n’ roll '],
  ])('have the title %j and are found by %j', async (title, q) => {
    await add({ title });
    expect(await titles({ q })).toEqual([title]);
  });

  it.each([
    [
      'https://bücher.example/Größe',
      'bücher.example/größe',
      'https://BÜCHER.example/Größe',
      'https://xn--bcher-kva.example/Gr%C3%B6%C3%9Fe',
      'https://bücher.example/Gr%C3%B6%C3%9Fe',
      'xn--bcher-kva.example/Größe',
      'https://bücher.example/Größe'.normalize('NFD'),
      'büche',
      'größ',
    ],
    ['https://xn--bcher-kva.example/Gr%C3%B6%C3%9Fe', 'https://bücher.example/größe'],
    ['https://例え.テスト/日本語?q=検索', 'https://例え.テスト/日本語?q=検索', '日本', '検索'],
    ['https://пример.испытание/', 'https://Пример.Испытание', 'ПРИМЕР'],
    ['https://faß.example/', 'faß.example', 'xn--fa-hia.example'],
    ['https://xn--mnchen-3ya.xn--bcher-kva.example/', 'münchen.bücher.example'],
    ['https://💩.la/', '💩.la', 'xn--ls8h.la'],
    ['HTTPS://Example.COM:443/a/../My Docs', 'https://example.com:443/a/../my docs', 'my%20docs'],
    ['https://example.com/a b', 'a b', 'a%20b', ' https://example.com/a b '],
    ['https://example.com', 'https://example.com', 'example.com', '//example.com/'],
    ['https://example.com/%FCber', '%FCber', 'https://example.com/%fcber'],
    ['https://example.com/100%25', '100%', '100%25'],
    ['https://example.com/?u=a%00b', 'a%00b'],
  ])('lead to %j and are found by what was typed', async (target, ...queries) => {
    await add({ title: 'other', url: 'https://other.example/' });
    await add({ title: 'this', url: target });
    for (const q of queries) expect([q, await titles({ q })]).toEqual([q, ['this']]);
  });

  it('are not found by a text that spans two of their fields', async () => {
    await add({ title: 'end', code: 'x-begin', url: 'https://example.com/ä' });
    for (const q of ['begin end', 'beginend', 'end https', 'endhttps', '%C3%A4 h']) {
      expect([q, await titles({ q })]).toEqual([q, []]);
    }
  });

  it('are found by what they have become', async () => {
    const { id } = await add({ title: 'Bücher', url: 'https://example.com/straße' });
    await links.update(ada, id, { title: 'BÜCHER' });
    expect(await titles({ q: 'bücher' })).toEqual(['BÜCHER']);
    await links.update(ada, id, { url: 'https://example.com/weg' });
    expect(await titles({ q: 'straße' })).toEqual([]);
    expect(await titles({ q: 'weg' })).toEqual(['BÜCHER']);
    await links.update(ada, id, { title: null });
    expect(await titles({ q: 'bücher' })).toEqual([]);
  });

  it.each([
    'https://go.example.com/Summer-1',
    'http://go.example.com/Summer-1',
    'go.example.com/Summer-1',
    ' //GO.example.com/Summer-1/ ',
    'https://go.example.com/Summer-1?utm_source=x#top',
    'https://go.example.com/Summer-1.',
    'https://go.example.com/%53ummer-1%E2%80%8B',
  ])('are found by their pasted short URL %j', async (q) => {
    const code = newCode();
    await add({ title: 'summer', code });
    await add({ title: 'other' });
    expect(await titles({ q: q.replace('-1', `-${lastCode}`) })).toEqual(['summer']);
  });

  it('are found by a short URL only by those who may see them, and with the tag that was asked for', async () => {
    const code = newCode();
    await add({ title: 'summer', code, tags: ['x'] });
    const q = `https://go.example.com/${code}`;
    expect((await links.list(await addUser(), { limit: 5, q })).items).toEqual([]);
    expect(await titles({ q, tag: 'y' })).toEqual([]);
    expect(await titles({ q, tag: 'x' })).toEqual(['summer']);
    expect(await titles({ q: q.toUpperCase() })).toEqual([]);
  });

  it('are searched for text, not for patterns', async () => {
    for (const title of ['100% off', '100 off', 'a_b', 'axb', 'c\\d', 'cd', '$1 ?']) {
      await add({ title });
    }
    expect(await titles({ q: '0% o' })).toEqual(['100% off']);
    expect(await titles({ q: 'a_b' })).toEqual(['a_b']);
    expect(await titles({ q: '\\' })).toEqual(['c\\d']);
    expect(await titles({ q: '$1 ?' })).toEqual(['$1 ?']);
    expect(await titles({ q: '%%' })).toEqual([]);
  });

  it('can be filtered by everything at once', async () => {
    const team = await addWorkspace(ada, 'viewer');
    await add({ title: 'one', tags: ['x', 'y'] });
    await add({ title: 'the two', tags: ['y'] });
    expect(await titles({ tag: 'x' })).toEqual(['one']);
    // With a space, which no code has: they are searched, too.
    expect(await titles({ tag: 'y', q: 'the tw' })).toEqual(['the two']);
    expect(await titles({ tag: 'X' })).toEqual([]);
    expect(await titles({ workspaceId: team })).toEqual([]);
    expect(await titles({ workspaceId: workspace, tag: 'y' })).toEqual(['one', 'the two']);
  });

  it('belong to their workspace: to everybody else they do not exist', async () => {
    const { id } = await add();
    const stranger = await addUser();
    await addWorkspace(stranger, 'owner');
    expect(await codeOf(links.get(stranger, id))).toBe('link-not-found');
    expect(await codeOf(links.update(stranger, id, { title: 'x' }))).toBe('link-not-found');
    expect(await codeOf(links.delete(stranger, id))).toBe('link-not-found');
    expect(await codeOf(links.list(stranger, { limit: 1, workspaceId: workspace }))).toBe(
      'not-found',
    );
    expect(await codeOf(links.create(stranger, { url, workspaceId: workspace }))).toBe('not-found');
    expect(await codeOf(links.get(ada, uuidv7()))).toBe('link-not-found');
  });

  it('can be read by viewers and changed by editors', async () => {
    const { id } = await add();
    const [viewer, editor] = [await addUser(), await addUser()];
    await join(viewer, workspace, 'viewer');
    await join(editor, workspace, 'editor');
    expect((await links.get(viewer, id)).id).toBe(id);
    expect(await codeOf(links.update(viewer, id, { title: 'x' }))).toBe('forbidden');
    expect(await codeOf(links.delete(viewer, id))).toBe('forbidden');
    expect(await codeOf(links.create(viewer, { url, workspaceId: workspace }))).toBe('forbidden');
    expect((await links.update(editor, id, { title: 'x' })).title).toBe('x');
  });

  it('give a code to one of twenty who want it at once', async () => {
    const codes = await Promise.all(
      Array.from({ length: 20 }, () => codeOf(add({ code: 'wanted' }))),
    );
    expect(codes.filter((code) => code === 'no problem')).toHaveLength(1);
    expect(codes.filter((code) => code === 'code-taken')).toHaveLength(19);
  });

  it('have codes that differ in case', async () => {
    const made = await Promise.all(['Case', 'case'].map((code) => add({ code })));
    expect(new Set(made.map(({ code }) => code)).size).toBe(2);
  });

  it('never end before they start, neither when made nor when changed', async () => {
    const [early, late] = [new Date('2040-01-01'), new Date('2041-01-01')];
    expect(await codeOf(add({ startsAt: late, expiresAt: early }))).toBe('invalid-request');
    expect(await codeOf(add({ startsAt: late, expiresAt: late }))).toBe('invalid-request');
    const { id } = await add({ startsAt: late });
    expect(await codeOf(links.update(ada, id, { expiresAt: early }))).toBe('invalid-request');
    const { startsAt, expiresAt, version } = await links.get(ada, id);
    expect([startsAt, expiresAt, version]).toEqual([late, null, 1]);
  });

  it('change for one of ten who have read the same version', async () => {
    const { id } = await add();
    const codes = await Promise.all(
      Array.from({ length: 10 }, (_, n) => codeOf(links.update(ada, id, { title: `${n}` }, [1]))),
    );
    expect(codes.filter((code) => code === 'no problem')).toHaveLength(1);
    expect(codes.filter((code) => code === 'precondition-failed')).toHaveLength(9);
    expect((await links.get(ada, id)).version).toBe(2);
  });

  it('are no more than a workspace may have, although 40 are made at once', async () => {
    const limited = serviceOn(source, 10);
    const make = () => codeOf(limited.create(ada, { url }));
    const codes = await Promise.all(Array.from({ length: 40 }, make));
    expect(codes.filter((code) => code === 'no problem')).toHaveLength(10);
    expect(codes.filter((code) => code === 'link-limit-reached')).toHaveLength(30);
    expect(await list()).toHaveLength(10);
    const { id } = (await list())[0]!;
    await links.delete(ada, id);
    expect(await make()).toBe('link-limit-reached');
    const other = await addWorkspace(ada, 'owner');
    expect((await limited.create(ada, { url, workspaceId: other })).workspaceId).toBe(other);
  });

  it('are counted when they are added and removed by whomever', async () => {
    const countOf = async () =>
      (
        await source.query<{ links: string }[]>(
          'SELECT sum(links) AS links FROM workspace_link_counts WHERE workspace_id = $1',
          [workspace],
        )
      )[0]!.links;
    await source.query(
      `INSERT INTO links (id, workspace_id, code, url)
       SELECT gen_random_uuid(), $1::uuid, $1::text || '-' || n, '' FROM generate_series(1, 7) AS n`,
      [workspace],
    );
    expect(await countOf()).toBe('7');
    await add();
    await source.query('DELETE FROM links WHERE workspace_id = $1 AND url = $2', [workspace, '']);
    expect(await countOf()).toBe('1');
  });

  it('tell how often they were clicked', async () => {
    const { id } = await add();
    await source.query('INSERT INTO link_totals VALUES ($1, 5000000000, 1, 1, now())', [id]);
    expect((await links.get(ada, id)).clicks).toBe(5_000_000_000);
  });
});

function serviceOn(source: DataSource, maxLinksPerWorkspace = 0): LinksService {
  const clock = new Clock();
  const database = new DatabaseService(source);
  const server = { publicUrl: 'https://go.example.com', host: '0.0.0.0' } as ServerConfig;
  const hosts = onlyDefaultHost();
  const policy = new ShortCodePolicy({ refuseOffensiveCodes: false } as LinksConfig);
  const factory = new LinkFactory(
    new TargetUrlPolicy(
      server,
      {
        allowPrivateTargets: true,
        allowedTargetSchemes: [] as string[],
      } as LinksConfig,
      hosts,
    ),
    policy,
    new ShortCodeGenerator(policy),
    clock,
    hosts,
  );
  const audit = new AuditService(new AuditEventsRepository(database), database, clock);
  const events = new EventsService(new EventsRepository(database), database, clock);
  const workspaces = new WorkspacesService(
    new WorkspacesRepository(database),
    {} as AuthService,
    database,
    clock,
    { maxWorkspacesPerUser: 0 } as LinksConfig,
    server,
    audit,
  );
  const repository = new LinksRepository(database);
  const presenter = new LinkPresenter(hosts);
  return new LinksService(
    repository,
    new LinkPagesRepository(database),
    factory,
    new LinkChangesService(repository, audit, database, events, presenter),
    workspaces,
    clock,
    server,
    new BlockedHostsService(new BlockedHostsRepository(database), clock, audit, database),
    { maxLinksPerWorkspace } as LinksConfig,
    { columnsOf: async () => ({}) } as unknown as LinkPasswordsService,
    hosts,
    presenter,
  );
}
