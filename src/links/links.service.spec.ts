import { beforeEach, describe, expect, it } from '@jest/globals';
import type { LinksConfig } from '../../config/links.config.js';
import type { ServerConfig } from '../../config/server.config.js';
import { decodeCursor } from '../common/cursor.js';
import { uuidv7 } from '../common/uuid.js';
import { mayThere } from '../workspaces/permissions.js';
import { notAllowed, workspaceNotFound } from '../workspaces/workspaces.problems.js';
import type { WorkspacesService } from '../workspaces/workspaces.service.js';
import type { Action, WorkspaceRole } from '../workspaces/workspaces.types.js';
import { onlyDefaultHost } from '../../test/support/hosts.js';
import type { BlockedHostsService } from './blocked-hosts.service.js';
import type { ChangeOptions, LinkChangesService } from './link-changes.service.js';
import type { LinkEntity } from './link.entity.js';
import { LinkFactory } from './link.factory.js';
import type { LinkPasswordsService } from './link-passwords.service.js';
import type { LinkPagesRepository } from './link-pages.repository.js';
import { LinkPresenter } from './link.presenter.js';
import type { LinksRepository } from './links.repository.js';
import { LinksService } from './links.service.js';
import { type FoundLinks, InvalidValidity } from './links.types.js';
import { ShortCodeGenerator } from './short-code.generator.js';
import { ShortCodePolicy } from './short-code.policy.js';
import { TargetUrlPolicy } from './target-url.policy.js';

const NOW = Date.UTC(2026, 10, 23, 12);
const url = 'https://example.com/';

/** The links as PostgreSQL would keep them. */
class FakeLinks
  implements Pick<LinksRepository, 'find' | 'findMany'>, Pick<LinkChangesService, 'add' | 'change'>
{
  rows: LinkEntity[] = [];
  /** How many of the next codes turn out to be taken. */
  collisions = 0;
  attempted: string[] = [];
  /** What somebody else does between our reading and our writing. */
  meanwhile = () => {};

  async add(_limit: number, link: LinkEntity): Promise<boolean> {
    this.attempted.push(link.code);
    const isTaken = this.rows.some(({ code }) => code === link.code) || this.collisions-- > 0;
    if (!isTaken) this.rows.push(link);
    return !isTaken;
  }

  async find(id: string, workspaceIds: string[]) {
    const link = this.rows.find((row) => row.id === id && !row.deletedAt);
    return link && workspaceIds.includes(link.workspaceId) ? { link, clicks: 7 } : undefined;
  }

  async findMany(ids: string[]) {
    const found = this.rows.filter(({ id }) => ids.includes(id));
    return found.toReversed().map((link) => ({ link, clicks: 7 }));
  }

  async change(
    _action: string,
    { id, workspaceId }: Pick<LinkEntity, 'id' | 'workspaceId'>,
    columnsOf: (link: LinkEntity) => object | Promise<object>,
    { versions }: ChangeOptions = {},
  ): Promise<boolean> {
    this.meanwhile();
    const link = this.rows.find((row) => row.id === id && !row.deletedAt);
    if (link?.workspaceId !== workspaceId) return false;
    if (!link || (versions && !versions.includes(link.version))) return false;
    const changes = await columnsOf(link);
    const changed = { ...link, ...changes };
    if (changed.startsAt && changed.expiresAt && changed.startsAt >= changed.expiresAt) {
      throw new InvalidValidity();
    }
    Object.assign(link, changes, { version: link.version + 1 });
    return true;
  }
}

describe(LinksService.name, () => {
  let links: FakeLinks;
  let found: FoundLinks;
  let service: LinksService;
  const ada = uuidv7();
  const viewer = uuidv7();
  const stranger = uuidv7();
  const team = uuidv7();
  const roles = new Map<string, WorkspaceRole>([
    [ada, 'owner'],
    [viewer, 'viewer'],
  ]);

  beforeEach(() => {
    links = new FakeLinks();
    found = { ids: [] };
    const clock = { now: () => NOW };
    const server = { publicUrl: 'https://go.example.com', host: '0.0.0.0' } as ServerConfig;
    const hosts = onlyDefaultHost();
    const codes = new ShortCodePolicy({ refuseOffensiveCodes: false } as LinksConfig);
    const workspaces = {
      require: async (userId: string, workspaceId: string, action: Action, pointer?: string) => {
        const role = workspaceId === team ? roles.get(userId) : undefined;
        if (!role) throw workspaceNotFound(pointer);
        const place = { workspaceId, userId, role };
        if (!mayThere(place, action)) throw notAllowed(place, action);
        return place;
      },
      home: async (userId: string) => ({ workspaceId: team, userId, role: 'owner' }),
      workspaceIdsOf: async (userId: string) => (roles.has(userId) ? [team] : []),
    } as unknown as WorkspacesService;
    service = new LinksService(
      links as unknown as LinksRepository,
      { find: async () => found } as unknown as LinkPagesRepository,
      new LinkFactory(
        new TargetUrlPolicy(
          server,
          {
            allowPrivateTargets: true,
            allowedTargetSchemes: [] as string[],
          } as LinksConfig,
          hosts,
        ),
        codes,
        new ShortCodeGenerator(codes),
        clock,
        hosts,
      ),
      links as unknown as LinkChangesService,
      workspaces,
      clock,
      server,
      {
        refuseBlocked: async () => undefined,
      } as unknown as BlockedHostsService,
      { maxLinksPerWorkspace: 0 } as LinksConfig,
      { columnsOf: async () => ({}) } as unknown as LinkPasswordsService,
      hosts,
      new LinkPresenter(hosts),
    );
  });

  const problemOf = (promise: Promise<unknown>): Promise<{ code: string; pointers: string[] }> =>
    promise.then(
      () => ({ code: 'no problem', pointers: [] }),
      ({ code, errors }: { code: string; errors?: { pointer: string }[] }) => ({
        code,
        pointers: (errors ?? []).map(({ pointer }) => pointer),
      }),
    );
  const codeOf = async (promise: Promise<unknown>) => (await problemOf(promise)).code;

  it('makes a link with what was asked for and the defaults for the rest', async () => {
    const link = await service.create(ada, { url: 'HTTPS://Example.COM', tags: ['b', 'a', 'b'] });
    expect(link).toMatchObject({
      workspaceId: team,
      createdBy: ada,
      url,
      tags: ['b', 'a'],
      domain: 'go.example.com',
      shortUrl: `https://go.example.com/${link.code}`,
      redirectStatus: 302,
      title: null,
      startsAt: null,
      expiresAt: null,
      maxClicks: null,
      clicks: 0,
      version: 1,
      createdAt: new Date(NOW),
    });
    expect(link).not.toHaveProperty('disabledBy');
  });

  it('tries other codes when a random one is taken', async () => {
    links.collisions = 5;
    const { code } = await service.create(ada, { url });
    expect(new Set(links.attempted).size).toBe(6);
    expect(links.attempted.at(-1)).toBe(code);
  });

  it('gives up when code after code is taken, since something must be wrong', async () => {
    links.collisions = Infinity;
    await expect(service.create(ada, { url })).rejects.toThrow('20 attempts');
  });

  it('tries a chosen code once, and says that it is taken', async () => {
    await service.create(ada, { url, code: 'mine' });
    expect(await problemOf(service.create(ada, { url, code: 'mine' }))).toEqual({
      code: 'code-taken',
      pointers: ['/code'],
    });
    expect(links.attempted).toHaveLength(2);
  });

  it('names all that is wrong with a new link at once', async () => {
    const wrong = { url: 'ftp://example.com', code: 'a b', expiresAt: new Date(NOW) };
    expect(await problemOf(service.create(ada, wrong))).toEqual({
      code: 'invalid-request',
      pointers: ['/url', '/code', '/expiresAt'],
    });
    expect(links.attempted).toEqual([]);
  });

  it('lets a link end now, but not before it starts', async () => {
    const { id } = await service.create(ada, { url, startsAt: new Date(NOW - 1_000) });
    const ended = await service.update(ada, id, { expiresAt: new Date(NOW) });
    expect(ended.expiresAt).toEqual(new Date(NOW));
    const tooLate = service.update(ada, id, { startsAt: new Date(NOW) });
    expect(await problemOf(tooLate)).toEqual({
      code: 'invalid-request',
      pointers: ['/startsAt'],
    });
    const backwards = service.update(ada, id, { expiresAt: new Date(NOW - 2_000) });
    expect(await problemOf(backwards)).toEqual({
      code: 'invalid-request',
      pointers: ['/expiresAt'],
    });
  });

  it('keeps strangers from links and workspaces as if there were none', async () => {
    const { id } = await service.create(ada, { url });
    expect(await codeOf(service.get(stranger, id))).toBe('link-not-found');
    expect(await codeOf(service.update(stranger, id, {}))).toBe('link-not-found');
    expect(await codeOf(service.delete(stranger, id))).toBe('link-not-found');
    expect(await problemOf(service.create(stranger, { url, workspaceId: team }))).toEqual({
      code: 'not-found',
      pointers: ['/workspaceId'],
    });
    expect(await problemOf(service.list(stranger, { limit: 1, workspaceId: team }))).toEqual({
      code: 'not-found',
      pointers: ['?workspaceId'],
    });
  });

  it('goes on where the search for a page ended, although it found less than asked for', async () => {
    const { id } = await service.create(ada, { url });
    const older = uuidv7(0);
    found = { ids: [id], searchedTo: older };
    const page = await service.list(ada, { limit: 2 });
    expect(page.items.map((link) => link.id)).toEqual([id]);
    expect(decodeCursor(page.nextCursor!)).toBe(older);
    found = { ids: [id] };
    expect((await service.list(ada, { limit: 2 })).nextCursor).toBeNull();
    found = { ids: [id, older], searchedTo: older };
    expect(decodeCursor((await service.list(ada, { limit: 1 })).nextCursor!)).toBe(id);
  });

  it('lets viewers read and nothing else', async () => {
    const { id } = await service.create(ada, { url });
    expect(await service.get(viewer, id)).toMatchObject({ id, clicks: 7 });
    expect(await codeOf(service.create(viewer, { url, workspaceId: team }))).toBe('forbidden');
    expect(await codeOf(service.update(viewer, id, {}))).toBe('forbidden');
    expect(await codeOf(service.delete(viewer, id))).toBe('forbidden');
  });

  it('changes a link that has the version asked for, and no other', async () => {
    const { id } = await service.create(ada, { url });
    expect(await service.update(ada, id, { title: 'a' }, [1])).toMatchObject({ version: 2 });
    expect(await codeOf(service.update(ada, id, { title: 'b' }, [1]))).toBe('precondition-failed');
    expect(await codeOf(service.update(ada, id, { title: 'b' }, []))).toBe('precondition-failed');
    expect(await service.update(ada, id, { title: 'c' }, [1, 2])).toMatchObject({ version: 3 });
    expect(await service.update(ada, id, { title: 'd' })).toMatchObject({ version: 4 });
    expect(await codeOf(service.delete(ada, id, [3]))).toBe('precondition-failed');
    await service.delete(ada, id, [4]);
    expect(await codeOf(service.get(ada, id))).toBe('link-not-found');
  });

  it('says that a link is gone if it is deleted while it is being changed', async () => {
    const { id } = await service.create(ada, { url });
    links.meanwhile = () => (links.rows[0]!.deletedAt = new Date(NOW));
    expect(await codeOf(service.update(ada, id, { title: 'x' }, [1]))).toBe('link-not-found');
    links.rows[0]!.deletedAt = null;
    expect(await codeOf(service.delete(ada, id))).toBe('link-not-found');
  });

  it('leaves alone what a change does not mention, and clears what it sets to null', async () => {
    const { id } = await service.create(ada, { url, title: 'x', tags: ['a'], maxClicks: 3 });
    expect(await service.update(ada, id, { title: null, tags: [] })).toMatchObject({
      url,
      title: null,
      tags: [],
      maxClicks: 3,
    });
  });

  it('refuses a change to a target it would refuse in a new link', async () => {
    const { id } = await service.create(ada, { url });
    const change = service.update(ada, id, { url: 'https://go.example.com/loop' });
    expect(await problemOf(change)).toEqual({ code: 'invalid-request', pointers: ['/url'] });
  });
});
