import { beforeEach, describe, expect, it } from '@jest/globals';
import type { DatabaseService } from '../platform/database/database.service.js';
import { FakeClock, noAudit, problemOf } from './accounts.fake.js';
import { newApiKey } from './api-key.js';
import type { ApiKeyEntity } from './api-key.entity.js';
import type { ApiKeysRepository } from './api-keys.repository.js';
import { ApiKeysService } from './api-keys.service.js';

type Methods = 'add' | 'count' | 'findByHash' | 'lockWorkspace' | 'noteUse';

class FakeKeys implements Pick<ApiKeysRepository, Methods> {
  readonly rows: ApiKeyEntity[] = [];
  queries = 0;
  notes = 0;

  lockWorkspace = async () => true;
  count = async () => this.rows.length;

  async add(key: ApiKeyEntity): Promise<void> {
    this.rows.push(key);
  }

  async findByHash(keyHash: Buffer) {
    this.queries += 1;
    return this.rows.find((row) => row.keyHash.equals(keyHash));
  }

  async noteUse(id: string, usedAt: Date): Promise<void> {
    this.notes += 1;
    Object.assign(
      this.rows.find((row) => row.id === id)!,
      { lastUsedAt: usedAt },
    );
  }
}

describe(ApiKeysService.name, () => {
  let keys: FakeKeys;
  let clock: FakeClock;
  let service: ApiKeysService;

  beforeEach(() => {
    keys = new FakeKeys();
    clock = new FakeClock();
    service = new ApiKeysService(
      keys as unknown as ApiKeysRepository,
      { transaction: (work: () => unknown) => work() } as unknown as DatabaseService,
      clock,
      noAudit,
    );
  });
  const make = (expiresAt?: Date) =>
    service.create('a user', 'a workspace', { name: 'x', scopes: ['links:read'], expiresAt });

  it('knows a key until the moment it expires', async () => {
    const { id, key } = await make(new Date(clock.now() + 1_000));
    expect(await service.authenticate(key)).toMatchObject({ id, scopes: ['links:read'] });
    clock.milliseconds += 999;
    expect(await problemOf(service.authenticate(key))).toBe('no problem');
    clock.milliseconds += 1;
    expect(await problemOf(service.authenticate(key))).toBe('unauthenticated');
  });

  it('asks nobody about a key that was mistyped', async () => {
    const { key } = await make();
    expect(await problemOf(service.authenticate(`${key.slice(0, -1)}!`))).toBe('unauthenticated');
    expect(keys.queries).toBe(0);
    expect(await problemOf(service.authenticate(newApiKey()))).toBe('unauthenticated');
    expect(keys.queries).toBe(1);
  });

  it('notes the use of a key once a minute', async () => {
    const { key } = await make();
    for (let second = 0; second < 120; second += 1) {
      await service.authenticate(key);
      clock.milliseconds += 1_000;
    }
    expect(keys.notes).toBe(2);
  });
});
