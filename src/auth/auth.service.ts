import { Injectable } from '@nestjs/common';
import { AuthConfig } from '../../config/auth.config.js';
import { Clock } from '../common/clock.js';
import { uuidv7 } from '../common/uuid.js';
import { DatabaseService } from '../database/database.service.js';
import type { Client } from '../http/client.js';
import { invalidCredentials, invalidToken, registrationClosed } from './auth.problems.js';
import type {
  Account,
  Credentials,
  Registration,
  RegistrationHook,
  Session,
} from './auth.types.js';
import { PasswordHasher } from './password-hasher.js';
import { SessionsService } from './sessions.service.js';
import { toAccount, type UserEntity } from './user.entity.js';
import { UsersRepository } from './users.repository.js';

/** Accounts: who may have one, and how they prove that it is theirs. */
@Injectable()
export class AuthService {
  private readonly hooks: RegistrationHook[] = [];

  constructor(
    private readonly users: UsersRepository,
    private readonly sessions: SessionsService,
    private readonly hasher: PasswordHasher,
    private readonly database: DatabaseService,
    private readonly config: AuthConfig,
    private readonly clock: Clock,
  ) {}

  /** From now on the hook takes part in every registration. */
  onRegistration(hook: RegistrationHook): void {
    this.hooks.push(hook);
  }

  /**
   * Adds a user and logs them in. The first user of an installation becomes its administrator, and
   * may register even while registration is closed: otherwise nobody ever could.
   * @throws ProblemError registration-closed, email-taken, too-many-requests
   */
  async register({ email, password, name }: Registration, client?: Client): Promise<Session> {
    this.hasher.insistOnRoom(client);
    const closed = this.config.registration === 'closed';
    if (closed && (await this.users.exists())) throw registrationClosed();
    // Before the transaction, which is not to stay open for as long as bcrypt takes.
    const passwordHash = await this.hasher.hash(password, client);
    return this.database.transaction(async () => {
      const role = await this.users.roleOfNextUser();
      if (closed && role !== 'admin') throw registrationClosed();
      const now = this.clock.now();
      const user: UserEntity = {
        id: uuidv7(now),
        email: email.toLowerCase(),
        passwordHash,
        name: name ?? null,
        role,
        disabledAt: null,
        createdAt: new Date(now),
      };
      await this.users.add(user);
      const account = toAccount(user);
      for (const hook of this.hooks) await hook.onRegistered(account);
      return this.sessions.open(account);
    });
  }

  /** @throws ProblemError invalid-credentials, alike for unknown, disabled and wrong; too-many-requests */
  async login({ email, password }: Credentials, client?: Client): Promise<Session> {
    this.hasher.insistOnRoom(client);
    const user = await this.users.findByEmail(email.toLowerCase());
    const matches = await this.hasher.verify(password, user?.passwordHash, client);
    if (!user || !matches || user.disabledAt) throw invalidCredentials();
    if (this.hasher.isOutdated(user.passwordHash)) {
      const passwordHash = await this.hasher.hash(password, client);
      await this.users.replacePasswordHash(user.id, user.passwordHash, passwordHash);
    }
    return this.sessions.open(toAccount(user));
  }

  /** @throws ProblemError unauthenticated if the user was deleted a moment ago */
  async account(userId: string): Promise<Account> {
    const user = await this.users.findById(userId);
    if (!user) throw invalidToken();
    return toAccount(user);
  }
}
