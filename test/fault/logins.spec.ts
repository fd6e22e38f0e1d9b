import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/api.js';
import { startServer, type TestServer } from '../support/server.js';

const ADA = { email: 'ada@example.com', password: 'correct horse battery staple' };
const ATTACKER = '203.0.113.66';
const MEMBER = '198.51.100.7';
const MAY_BE_SLOW = 120_000;

describe('logins while one stranger sends as many as they can', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer({ env: { BCRYPT_COST: '9', TRUSTED_PROXIES: '127.0.0.1' } });
    await post('register', MEMBER, ADA);
  });

  afterAll(() => server.remove());

  /** Sends it as the proxy of this address. */
  const post = (path: string, address: string, body: object, signal?: AbortSignal) =>
    fetch(`${server.url}/api/v1/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
      body: JSON.stringify(body),
      signal,
    });

  /**
   * Eighty clients of one address log in, and wait this long for an answer; meanwhile a member logs
   * in three times.
   * @returns the refusals of the attacker, and the answers to the member
   */
  async function attack(patienceMs: number) {
    const wrong = { ...ADA, password: 'some other password' };
    const refusals: Response[] = [];
    let hungUp = 0;
    const over = new AbortController();
    const attacker = async (): Promise<void> => {
      while (!over.signal.aborted) {
        const answer = post('login', ATTACKER, wrong, AbortSignal.timeout(patienceMs));
        const response = await answer.catch(() => undefined);
        if (response?.status === 429) refusals.push(response);
        if (!response) hungUp += 1;
        // No flood, which is another attack: the machine would be busy with refusals alone.
        await sleep(500);
      }
    };
    const attackers = Array.from({ length: 80 }, attacker);
    const logins: number[] = [];
    try {
      const many = (count: number): boolean => count > 100;
      await eventually(async () => refusals.length + hungUp, many, 20_000);
      for (let login = 0; login < 3; login += 1) {
        const startedAt = performance.now();
        logins.push((await post('login', MEMBER, ADA)).status);
        const ms = Math.round(performance.now() - startedAt);
        process.stdout.write(`  The member was answered after ${ms} ms\n`);
      }
    } finally {
      over.abort();
      await Promise.all(attackers);
    }
    return { refusals, logins };
  }

  it(
    'lets a member in at each try, while the others hang up at once',
    async () => {
      const { logins } = await attack(20);
      expect(logins).toEqual([200, 200, 200]);
    },
    MAY_BE_SLOW,
  );

  it(
    'lets a member in at each try, and tells the others when to come back',
    async () => {
      const { logins, refusals } = await attack(30_000);
      expect(logins).toEqual([200, 200, 200]);
      const times = refusals.map(({ headers }) => headers.get('retry-after'));
      expect(times.join(' ')).toMatch(/^[1-9]\d?( [1-9]\d?)*$/);
    },
    MAY_BE_SLOW,
  );
});
