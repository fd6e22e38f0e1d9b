import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { AuditEventsRepository } from '../../src/audit/audit-events.repository.js';
import { AuditService } from '../../src/audit/audit.service.js';
import { SessionEntity } from '../../src/auth/session.entity.js';
import { UserEntity } from '../../src/auth/user.entity.js';
import { UsersAdminRepository } from '../../src/auth/users-admin.repository.js';
import { UsersService } from '../../src/auth/users.service.js';
import { Clock } from '../../src/common/clock.js';
import { uuidv7 } from '../../src/common/uuid.js';
import { DatabaseService } from '../../src/platform/database/database.service.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

describe('Administrators', () => {
  let database: TestDatabase;
  let source: DataSource;
  let users: UsersService;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    database = await createDatabase();
    source = await new DataSource({
      type: 'postgres',
      url: database.url,
      entities: [UserEntity, SessionEntity],
    }).initialize();
    const service = new DatabaseService(source);
    const clock = new Clock();
    const audit = new AuditService(new AuditEventsRepository(service), service, clock);
    users = new UsersService(new UsersAdminRepository(service), service, clock, audit);
  });
  afterAll(async () => {
    await source.destroy();
    await database.drop();
  });
  beforeEach(() => source.query('DELETE FROM users'));

  async function addUser(role: 'admin' | 'member' = 'admin'): Promise<string> {
    const id = uuidv7();
    await source.query(
      `INSERT INTO users (id, email, password_hash, role, created_at) VALUES ($1::uuid, $1::text, '', $2, now())`,
      [id, role],
    );
    return id;
  }
  const administrators = () =>
    source.query<unknown[]>(`SELECT FROM users WHERE role = 'admin' AND disabled_at IS NULL`);
  const outcome = (id: string, changes: object, by = id) =>
    users.update(id, changes, by).then(
      () => 'done',
      (error: { code: string }) => error.code,
    );

  it('never disable or demote the last of them', async () => {
    const [ada, disabled] = [await addUser(), await addUser()];
    await addUser('member');
    expect(await outcome(disabled, { disabled: true }, ada)).toBe('done');
    expect(await outcome(ada, { disabled: true })).toBe('last-administrator');
    expect(await outcome(ada, { role: 'member' })).toBe('last-administrator');
    expect(await outcome(ada, { linksDisabled: true, role: 'admin' })).toBe('done');
    expect(await outcome(disabled, { role: 'member' }, ada)).toBe('done');
  });

  it('always remain, although ten of them disable or demote one another at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      await source.query('DELETE FROM users');
      const ids: string[] = [];
      for (let n = 0; n < 10; n += 1) ids.push(await addUser());
      const outcomes = await Promise.all(
        ids.map((id, n) => outcome(id, n % 2 === 0 ? { disabled: true } : { role: 'member' })),
      );
      expect(outcomes.filter((one) => one === 'last-administrator')).toHaveLength(1);
      expect(await administrators()).toHaveLength(1);
    }
  });

  it('end the sessions of a user they disable, and keep the moment it began', async () => {
    const [ada, eve] = [await addUser(), await addUser('member')];
    await source.query(
      `INSERT INTO sessions (id, user_id, created_at, last_used_at, expires_at, absolute_expires_at)
       VALUES ($1, $1, now(), now(), now(), now())`,
      [eve],
    );
    const { disabledAt } = await users.update(eve, { disabled: true }, ada);
    expect(await source.query('SELECT FROM sessions')).toEqual([]);
    expect(await users.update(eve, { disabled: true }, ada)).toMatchObject({ disabledAt });
    expect(await users.update(eve, { disabled: false }, ada)).toMatchObject({ disabledAt: null });
  });
});
