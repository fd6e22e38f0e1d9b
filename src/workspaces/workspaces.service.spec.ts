import { describe, expect, it, jest } from '@jest/globals';
import type { LinksConfig } from '../../config/links.config.js';
import type { ServerConfig } from '../../config/server.config.js';
import type { AuditService } from '../audit/audit.service.js';
import type { AuthService } from '../auth/auth.service.js';
import type { Account } from '../auth/auth.types.js';
import { Clock } from '../common/clock.js';
import { uuidv7 } from '../common/uuid.js';
import type { DatabaseService } from '../platform/database/database.service.js';
import type { WorkspaceMemberEntity } from './workspace-member.entity.js';
import type { WorkspaceEntity } from './workspace.entity.js';
import type { WorkspacesRepository } from './workspaces.repository.js';
import { WorkspacesService } from './workspaces.service.js';
import type { KeyMembership, Membership, WorkspaceRole } from './workspaces.types.js';

const ADA: Account = {
  id: '01981f3e-6c1a-7d52-9b0e-4f2a8c6d1e35',
  email: 'ada@example.com',
  name: null,
  role: 'member',
  createdAt: new Date(),
};

type Methods = 'create' | 'findMembership' | 'findKey' | 'findIdsOf' | 'findOldestOwned';

class FakeWorkspaces implements Pick<WorkspacesRepository, Methods> {
  readonly names: string[] = [];
  readonly members: Membership[] = [];
  readonly keys = new Map<string, KeyMembership>();

  async create(workspace: WorkspaceEntity, owner: WorkspaceMemberEntity): Promise<void> {
    this.names.push(workspace.name);
    this.members.push(owner);
  }

  findMembership = async (userId: string, workspaceId: string) =>
    this.members.find((member) => member.userId === userId && member.workspaceId === workspaceId);
  findIdsOf = async (userId: string, roles: readonly WorkspaceRole[]) =>
    this.members
      .filter((member) => member.userId === userId && roles.includes(member.role))
      .map(({ workspaceId }) => workspaceId);
  findOldestOwned = async (userId: string) =>
    this.members.find((member) => member.userId === userId && member.role === 'owner');
  findKey = async (keyId: string) => this.keys.get(keyId);
}

function workspacesInMemory() {
  const repository = new FakeWorkspaces();
  const onRegistration = jest.fn();
  const service = new WorkspacesService(
    repository as unknown as WorkspacesRepository,
    { onRegistration } as unknown as AuthService,
    {} as DatabaseService,
    new Clock(),
    { maxWorkspacesPerUser: 0 } as LinksConfig,
    { publicUrl: 'https://example.com/go' } as ServerConfig,
    { record: () => Promise.resolve() } as unknown as AuditService,
  );
  const codeOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 'no problem',
      ({ code }: { code: string }) => code,
    );
  return { repository, service, onRegistration, codeOf };
}

describe(WorkspacesService.name, () => {
  it('takes part in registrations', () => {
    const { service, onRegistration } = workspacesInMemory();
    service.onModuleInit();
    expect(onRegistration).toHaveBeenCalledWith(service);
  });

  it('gives a new user a workspace that they own', async () => {
    const { service } = workspacesInMemory();
    await service.onRegistered(ADA);
    const { workspaceId } = await service.home(ADA.id);
    expect(await service.membership(ADA.id, workspaceId)).toMatchObject({ role: 'owner' });
    expect(await service.workspaceIdsOf(ADA.id, 'links:read')).toEqual([workspaceId]);
  });

  it('names it after the user, or after their address', async () => {
    const { service, repository } = workspacesInMemory();
    await service.onRegistered({ ...ADA, name: 'Ada' });
    await service.onRegistered(ADA);
    expect(repository.names).toEqual(['Ada', 'ada@example.com']);
  });

  it('knows nothing of strangers', async () => {
    const { service, codeOf } = workspacesInMemory();
    await service.onRegistered(ADA);
    const { workspaceId } = await service.home(ADA.id);
    const stranger = uuidv7();
    expect(await service.membership(stranger, workspaceId)).toBeUndefined();
    expect(await service.workspaceIdsOf(stranger, 'links:read')).toEqual([]);
    for (const id of [workspaceId, uuidv7(), 'no id']) {
      expect(await codeOf(service.require(stranger, id, 'workspace:read'))).toBe('not-found');
    }
  });

  it('lets members do what their role allows, and finds where they may do it', async () => {
    const { service, repository, codeOf } = workspacesInMemory();
    const [viewed, edited] = [uuidv7(), uuidv7()];
    repository.members.push(
      { userId: ADA.id, workspaceId: viewed, role: 'viewer' },
      { userId: ADA.id, workspaceId: edited, role: 'editor' },
    );
    expect(await codeOf(service.require(ADA.id, viewed, 'links:read'))).toBe('no problem');
    expect(await codeOf(service.require(ADA.id, viewed, 'links:write'))).toBe('forbidden');
    expect(await service.workspaceIdsOf(ADA.id, 'links:read')).toEqual([viewed, edited]);
    expect(await service.workspaceIdsOf(ADA.id, 'links:write')).toEqual([edited]);
  });

  it('lets an API key do in its workspace what its scopes name, and nothing elsewhere', async () => {
    const { service, repository, codeOf } = workspacesInMemory();
    const [key, own, other] = [uuidv7(), uuidv7(), uuidv7()];
    const place = { workspaceId: own, userId: null, scopes: ['links:read'] as const };
    repository.keys.set(key, place);
    expect(await service.home(key)).toEqual(place);
    expect(await codeOf(service.require(key, own, 'links:read'))).toBe('no problem');
    for (const action of ['links:write', 'stats:read', 'workspace:read', 'keys:read'] as const) {
      expect(await codeOf(service.require(key, own, action))).toBe('forbidden');
      expect(await service.workspaceIdsOf(key, action)).toEqual([]);
    }
    expect(await codeOf(service.require(key, other, 'links:read'))).toBe('not-found');
    expect(await service.workspaceIdsOf(key, 'links:read')).toEqual([own]);
  });

  it('has no default for a user who owns nothing', async () => {
    const { service } = workspacesInMemory();
    await expect(service.home(ADA.id)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('has its paths below that of PUBLIC_URL', () => {
    const { service } = workspacesInMemory();
    expect(service.apiPath('1', 'members')).toBe('/go/api/v1/workspaces/1/members');
  });
});
