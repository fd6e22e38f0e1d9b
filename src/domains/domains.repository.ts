import { Injectable } from '@nestjs/common';
import { In, LessThan } from 'typeorm';
import { violates } from '../platform/database/constraint-violation.js';
import { DatabaseService } from '../platform/database/database.service.js';
import { DomainEntity } from './domain.entity.js';
import { domainAddedBefore, domainInUse, domainOfAnother } from './domains.problems.js';
import type { VerifiedDomain } from './domains.types.js';

@Injectable()
export class DomainsRepository {
  constructor(private readonly database: DatabaseService) {}

  /** @throws ProblemError domain-taken if the workspace has the host already */
  async add(domain: DomainEntity): Promise<void> {
    await this.domains.insert(domain).catch((error: unknown) => {
      if (violates(error, 'domains_workspace_id_host_key')) throw domainAddedBefore(domain.host);
      throw error;
    });
  }

  async find(workspaceId: string, id: string): Promise<DomainEntity | undefined> {
    return (await this.domains.findOneBy({ workspaceId, id })) ?? undefined;
  }

  /** That of any workspace. */
  async findOfAny(id: string): Promise<DomainEntity | undefined> {
    return (await this.domains.findOneBy({ id })) ?? undefined;
  }

  /** The same as `find`, locked until the surrounding transaction ends. */
  async lock(workspaceId: string, id: string): Promise<DomainEntity | undefined> {
    const lock = { mode: 'for_no_key_update' } as const;
    return (await this.domains.findOne({ where: { workspaceId, id }, lock })) ?? undefined;
  }

  /** Until the surrounding transaction ends domains are added one after the other. */
  async lockWorkspace(workspaceId: string): Promise<void> {
    await this.database.query('SELECT FROM workspaces WHERE id = $1 FOR NO KEY UPDATE', [
      workspaceId,
    ]);
  }

  count(workspaceId: string): Promise<number> {
    return this.domains.countBy({ workspaceId });
  }

  /** The newest first, older ones than `beforeId` if it is given; of all workspaces if none is. */
  findPage(
    filter: { workspaceId?: string; host?: string },
    limit: number,
    beforeId?: string,
  ): Promise<DomainEntity[]> {
    return this.domains.find({
      where: { ...filter, ...(beforeId !== undefined && { id: LessThan(beforeId) }) },
      order: { id: 'DESC' },
      take: limit,
    });
  }

  findVerified(): Promise<VerifiedDomain[]> {
    return this.database.query<VerifiedDomain>(
      `SELECT host, root_redirect_url AS "rootRedirectUrl",
         not_found_redirect_url AS "notFoundRedirectUrl"
       FROM domains WHERE verified_at IS NOT NULL`,
    );
  }

  /** Changes a domain that is locked. @throws ProblemError domain-taken if another has proved the host */
  async update(domain: DomainEntity, changes: Partial<DomainEntity>): Promise<void> {
    await this.domains
      .createQueryBuilder()
      .update()
      .set({ ...changes, version: () => 'version + 1' })
      .where('id = :id', { id: domain.id })
      .execute()
      .catch((error: unknown) => {
        if (violates(error, 'domains_verified_host_key')) throw domainOfAnother(domain.host);
        throw error;
      });
  }

  /** @throws ProblemError domain-in-use */
  async delete({ id, host }: DomainEntity): Promise<void> {
    await this.domains.delete({ id }).catch((error: unknown) => {
      if (violates(error, 'links_domain_fkey')) throw domainInUse(host);
      throw error;
    });
  }

  /** Gives all verified domains of a workspace to another one, and tells which; it needs no claims to them. */
  async moveAll(from: string, to: string): Promise<DomainEntity[]> {
    const all = await this.domains.findBy({ workspaceId: from });
    const moved = all.filter(({ verifiedAt }) => verifiedAt !== null);
    if (moved.length === 0) return [];
    await this.domains.delete({ workspaceId: to, host: In(moved.map(({ host }) => host)) });
    await this.domains
      .createQueryBuilder()
      .update()
      .set({ workspaceId: to, version: () => 'version + 1' })
      .where('id = ANY(:ids)', { ids: moved.map(({ id }) => id) })
      .execute();
    return moved;
  }

  private get domains() {
    return this.database.repository(DomainEntity);
  }
}
