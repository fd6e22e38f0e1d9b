import { Injectable } from '@nestjs/common';
import { LessThan } from 'typeorm';
import { DatabaseService } from '../platform/database/database.service.js';
import { SessionEntity } from './session.entity.js';
import { UserEntity } from './user.entity.js';

type Changes = Partial<Pick<UserEntity, 'role' | 'disabledAt' | 'linksDisabledAt'>>;

/** Users as administrators of the instance manage them. */
@Injectable()
export class UsersAdminRepository {
  constructor(private readonly database: DatabaseService) {}

  /** The newest first, older ones than `beforeId` if it is given. */
  findPage(limit: number, beforeId?: string): Promise<UserEntity[]> {
    return this.users.find({
      where: beforeId === undefined ? {} : { id: LessThan(beforeId) },
      order: { id: 'DESC' },
      take: limit,
    });
  }

  /**
   * The user, and all administrators who may act, locked until the surrounding transaction ends: two
   * who would take the role from each other come one after the other, always in the same order.
   */
  async lockWithAdministrators(
    id: string,
  ): Promise<{ user: UserEntity | undefined; administrators: string[] }> {
    const locked = await this.users
      .createQueryBuilder('user')
      .where(`user.id = :id OR (user.role = 'admin' AND user.disabled_at IS NULL)`, { id })
      .orderBy('user.id')
      .setLock('for_no_key_update')
      .getMany();
    const administrators = locked.filter(({ role, disabledAt }) => role === 'admin' && !disabledAt);
    return {
      user: locked.find((user) => user.id === id),
      administrators: administrators.map((user) => user.id),
    };
  }

  /** Also against rows that would refer to the user. */
  async lockWhole(id: string): Promise<void> {
    await this.users.findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
  }

  async update(id: string, changes: Changes): Promise<void> {
    if (Object.keys(changes).length > 0) await this.users.update({ id }, changes);
  }

  /** With their sessions and memberships; links that they have made stay, and are nobody's. */
  async delete(id: string): Promise<void> {
    await this.users.delete({ id });
  }

  /** Ends all sessions of the user: whoever is enabled again has to log in. */
  async endSessions(id: string): Promise<void> {
    await this.database.repository(SessionEntity).delete({ userId: id });
  }

  private get users() {
    return this.database.repository(UserEntity);
  }
}
