import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { knownAddresses } from '../common/email-address.js';
import { violates } from '../platform/database/constraint-violation.js';
import { DatabaseService } from '../platform/database/database.service.js';
import { emailTaken } from './auth.problems.js';
import type { UserRole } from './auth.types.js';
import { UserEntity } from './user.entity.js';

/** The advisory lock under which the first user of an installation is made ("sgn1"). */
const FIRST_USER_LOCK = 0x73676e31;

@Injectable()
export class UsersRepository {
  constructor(private readonly database: DatabaseService) {}

  async findById(id: string): Promise<UserEntity | undefined> {
    return (await this.database.repository(UserEntity).findOneBy({ id })) ?? undefined;
  }

  /** The user of the address, in whatever form it is given; first the one who is stored in just this. */
  async findByEmail(email: string): Promise<UserEntity | undefined> {
    const addresses = knownAddresses(email);
    const users = await this.database.repository(UserEntity).findBy({ email: In(addresses) });
    const place = (user: UserEntity): number => addresses.indexOf(user.email);
    return users.toSorted((a, b) => place(a) - place(b))[0];
  }

  exists(): Promise<boolean> {
    return this.database.repository(UserEntity).exists();
  }

  /**
   * The role of the user about to be added: the first one is the administrator. Whoever finds no
   * user waits for the others who found none and looks again, so two at once make one administrator.
   * The lock is held until the surrounding transaction ends.
   */
  async roleOfNextUser(): Promise<UserRole> {
    if (await this.exists()) return 'member';
    await this.database.query('SELECT pg_advisory_xact_lock($1)', [FIRST_USER_LOCK]);
    return (await this.exists()) ? 'member' : 'admin';
  }

  /** @throws ProblemError email-taken */
  async add(user: UserEntity): Promise<void> {
    try {
      await this.database.repository(UserEntity).insert(user);
    } catch (error) {
      // Without the cause, which holds the parameters and so the password hash.
      throw violates(error, 'users_email_key') ? emailTaken() : error;
    }
  }

  /** Locks the user until the surrounding transaction ends; undefined if there is none such. */
  async lock(id: string): Promise<UserEntity | undefined> {
    const user = await this.database
      .repository(UserEntity)
      .findOne({ where: { id }, lock: { mode: 'for_no_key_update' } });
    return user ?? undefined;
  }

  async changePassword(id: string, passwordHash: string, passwordChangedAt: Date): Promise<void> {
    const user = this.database.repository(UserEntity);
    await user.update({ id }, { passwordHash, passwordChangedAt });
  }

  /** Stores the hash in place of the old one, unless that has been replaced meanwhile. */
  async replacePasswordHash(id: string, old: string, passwordHash: string): Promise<void> {
    await this.database.repository(UserEntity).update({ id, passwordHash: old }, { passwordHash });
  }
}
