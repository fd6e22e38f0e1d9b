import { Injectable, Logger } from '@nestjs/common';
import { AuthConfig } from '../../config/auth.config.js';
import { AuditService } from '../audit/audit.service.js';
import { Clock } from '../common/clock.js';
import { accountAddress, isEmailAddress } from '../common/email-address.js';
import { actAs } from '../common/request-context.js';
import { uuidv7 } from '../common/uuid.js';
import { describeError } from '../platform/database/database-unavailable.js';
import { DatabaseService } from '../platform/database/database.service.js';
import type { Client } from '../platform/http/client.js';
import {
  badPassword,
  emailTaken,
  firstMustAdminister,
  invalidCredentials,
  invalidToken,
  notAnAddress,
  registrationClosed,
  wrongPassword,
} from './auth.problems.js';
import type {
  Account,
  AuthenticatedUser,
  Credentials,
  NewAccount,
  PasswordChange,
  Registration,
  RegistrationHook,
  Session,
  UserRole,
} from './auth.types.js';
import { PasswordHasherService } from './password-hasher.service.js';
import { opaqueString, passwordObjection } from './password.policy.js';
import { SessionsService } from './sessions.service.js';
import { SetupService } from './setup.service.js';
import { toAccount, type UserEntity } from './user.entity.js';
import { UsersRepository } from './users.repository.js';

/** Accounts: who may have one, and how they prove that it is theirs. */
@Injectable()
export class AuthService {
  private readonly logger = new Logger(AuthService.name);
  private readonly hooks: RegistrationHook[] = [];

  constructor(
    private readonly users: UsersRepository,
    private readonly sessions: SessionsService,
    private readonly hasher: PasswordHasherService,
    private readonly database: DatabaseService,
    private readonly config: AuthConfig,
    private readonly clock: Clock,
    private readonly setup: SetupService,
    private readonly audit: AuditService,
  ) {}

  /** From now on the hook takes part in every registration. */
  onRegistration(hook: RegistrationHook): void {
    this.hooks.push(hook);
  }

  /**
   * Adds a user and logs them in. The first user of an installation becomes its administrator; the
   * setup token lets them in, also while registration is closed.
   * @throws ProblemError setup-token-required, registration-closed, email-taken, too-many-requests
   */
  async register(registration: Registration, client?: Client): Promise<Session> {
    this.hasher.insistOnRoom(client);
    this.insistOnAdmission(registration, !(await this.users.exists()));
    // Before the transaction, which is not to stay open for as long as bcrypt takes.
    const passwordHash = await this.hasher.hash(registration.password, client);
    const session = await this.database.transaction(async () => {
      const role = await this.users.roleOfNextUser();
      this.insistOnAdmission(registration, role === 'admin');
      const id = uuidv7(this.clock.now());
      actAs({ type: 'user', id });
      return this.sessions.open(await this.add(id, registration, passwordHash, role), client);
    });
    if (session.user.role === 'admin') this.setup.finish();
    return session;
  }

  /**
   * Adds a user for whoever runs the service: nothing is closed to them.
   * @throws ProblemError invalid-request if the address or the password would not do; email-taken;
   *   forbidden if it would be the first user and no administrator
   */
  async create(account: NewAccount, role: UserRole): Promise<Account> {
    if (!isEmailAddress(account.email)) throw notAnAddress();
    const password = opaqueString(account.password);
    const objection = passwordObjection(password, account.email);
    if (objection !== undefined) throw badPassword(objection);
    const passwordHash = await this.hasher.hash(password);
    const created = await this.database.transaction(async () => {
      const roleOfNext = await this.users.roleOfNextUser();
      if (roleOfNext === 'admin' && role !== 'admin') throw firstMustAdminister();
      return this.add(uuidv7(this.clock.now()), account, passwordHash, role);
    });
    this.setup.finish();
    return created;
  }

  /** @throws ProblemError invalid-credentials, alike for unknown, disabled and wrong; too-many-requests */
  async login({ email, password }: Credentials, client?: Client): Promise<Session> {
    this.hasher.insistOnRoom(client);
    const user = await this.users.findByEmail(email);
    const verdict = await this.hasher.verify(password, user?.passwordHash, client);
    if (!user) throw invalidCredentials();
    if (verdict === 'wrong' || user.disabledAt) {
      this.recordFailure(user.id);
      throw invalidCredentials();
    }
    if (verdict === 'outdated') {
      const passwordHash = await this.hasher.hash(password, client);
      await this.users.replacePasswordHash(user.id, user.passwordHash, passwordHash);
    }
    return this.sessions.open(user, client);
  }

  /**
   * Replaces the password of the user and ends all of their sessions but the one that asks.
   * @throws ProblemError wrong-password; invalid-request if the new one would not do;
   *   unauthenticated if the session was ended meanwhile; too-many-requests
   */
  async changePassword(
    user: AuthenticatedUser,
    { currentPassword, newPassword }: PasswordChange,
    client?: Client,
  ): Promise<void> {
    const objection = passwordObjection(opaqueString(newPassword), user.email);
    if (objection !== undefined) throw badPassword(objection, 'newPassword');
    await this.confirm(user, currentPassword, '/currentPassword', client);
    // Before the transaction, which is not to stay open for as long as bcrypt takes.
    const passwordHash = await this.hasher.hash(newPassword, client);
    await this.database.transaction(async () => {
      await this.sessions.endOthers(user);
      await this.users.changePassword(user.id, passwordHash, new Date(this.clock.now()));
      const targets = [{ type: 'user', id: user.id }];
      await this.audit.record({ workspaceId: null, action: 'password.changed', targets });
    });
    this.logger.log(`User ${user.id} has changed their password: their other sessions ended`);
  }

  /**
   * Lets nobody pass who has only a token of the user. As slow and as limited as a login, so that it is no
   * easier way to try passwords.
   * @param pointer to the password in the body
   * @throws ProblemError wrong-password, unauthenticated, too-many-requests
   */
  async confirm(
    { id }: AuthenticatedUser,
    password: string,
    pointer: string,
    client?: Client,
  ): Promise<void> {
    this.hasher.insistOnRoom(client);
    const user = await this.users.findById(id);
    if (!user) throw invalidToken();
    const verdict = await this.hasher.verify(password, user.passwordHash, client);
    if (verdict === 'wrong') throw wrongPassword(pointer);
  }

  /** @throws ProblemError unauthenticated if the user was deleted a moment ago */
  async account(userId: string): Promise<Account> {
    const user = await this.users.findById(userId);
    if (!user) throw invalidToken();
    return toAccount(user);
  }

  private insistOnAdmission({ setupToken }: Registration, isFirst: boolean): void {
    if (isFirst) this.setup.insistOnToken(setupToken);
    else if (this.config.registration === 'closed') throw registrationClosed();
  }

  /** In the background: who tries addresses must not see by the time which of them have accounts. */
  private recordFailure(userId: string): void {
    const targets = [{ type: 'user', id: userId }];
    this.audit
      .record({ workspaceId: null, action: 'session.created', targets, outcome: 'failure' })
      .catch((error: unknown) => {
        this.logger.warn(`A failed login is not in the audit trail: ${describeError(error)}`);
      });
  }

  private async add(
    id: string,
    { email, name }: NewAccount,
    passwordHash: string,
    role: UserRole,
  ): Promise<Account> {
    const user: UserEntity = {
      id,
      email: accountAddress(email),
      passwordHash,
      name: name ?? null,
      role,
      disabledAt: null,
      createdAt: new Date(this.clock.now()),
    };
    // Of another form of the address, which an account from before may have, no constraint knows.
    if (await this.users.findByEmail(email)) throw emailTaken();
    await this.users.add(user);
    await this.audit.record({
      workspaceId: null,
      action: 'user.created',
      targets: [{ type: 'user', id }],
      changes: { role: { from: null, to: role } },
    });
    const account = toAccount(user);
    for (const hook of this.hooks) await hook.onRegistered(account);
    return account;
  }
}
