import { describe, expect, it, jest } from '@jest/globals';
import type { AuthService } from '../auth/auth.service.js';
import type { Account } from '../auth/auth.types.js';
import { Clock } from '../common/clock.js';
import type { WorkspaceMemberEntity } from './workspace-member.entity.js';
import type { WorkspaceEntity } from './workspace.entity.js';
import type { WorkspacesRepository } from './workspaces.repository.js';
import { WorkspacesService } from './workspaces.service.js';
import { canWrite, type Membership } from './workspaces.types.js';

const ADA: Account = {
  id: '01981f3e-6c1a-7d52-9b0e-4f2a8c6d1e35',
  email: 'ada@example.com',
  name: null,
  role: 'member',
  createdAt: new Date(),
};

class FakeWorkspaces implements Pick<WorkspacesRepository, keyof WorkspacesRepository> {
  readonly names: string[] = [];
  readonly members: Membership[] = [];

  async create(workspace: WorkspaceEntity, owner: WorkspaceMemberEntity): Promise<void> {
    this.names.push(workspace.name);
    this.members.push(owner);
  }

  findMembership = async (userId: string, workspaceId: string) =>
    this.members.find((member) => member.userId === userId && member.workspaceId === workspaceId);
  findMembershipsOf = async (userId: string) =>
    this.members.filter((member) => member.userId === userId);
  findOldestOwned = async (userId: string) =>
    this.members.find((member) => member.userId === userId && member.role === 'owner')?.workspaceId;
}

function workspacesInMemory() {
  const repository = new FakeWorkspaces();
  const onRegistration = jest.fn();
  const service = new WorkspacesService(
    repository as unknown as WorkspacesRepository,
    { onRegistration } as unknown as AuthService,
    new Clock(),
  );
  return { repository, service, onRegistration };
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
    const workspaceId = await service.personalWorkspaceId(ADA.id);
    expect(await service.membership(ADA.id, workspaceId)).toMatchObject({ role: 'owner' });
    expect(await service.workspaceIdsOf(ADA.id)).toEqual([workspaceId]);
  });

  it('names it after the user, or after their address', async () => {
    const { service, repository } = workspacesInMemory();
    await service.onRegistered({ ...ADA, name: 'Ada' });
    await service.onRegistered(ADA);
    expect(repository.names).toEqual(['Ada', 'ada@example.com']);
  });

  it('knows nothing of strangers', async () => {
    const { service } = workspacesInMemory();
    const workspaceId = await service.createPersonal(ADA.id, 'Ada');
    expect(await service.membership('somebody else', workspaceId)).toBeUndefined();
    expect(await service.workspaceIdsOf('somebody else')).toEqual([]);
  });

  it('has no default for a user who owns nothing', async () => {
    const { service } = workspacesInMemory();
    await expect(service.personalWorkspaceId(ADA.id)).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe(canWrite.name, () => {
  it('is for owners and editors', () => {
    expect((['owner', 'editor', 'viewer'] as const).map(canWrite)).toEqual([true, true, false]);
  });
});
