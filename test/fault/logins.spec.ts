import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/api.js';
import { startServer, type TestServer } from '../support/server.js';

const ADA = { email: 'ada@example.com', password: 'correct horse battery staple' };
const ATTACKER = '203.0.113.66';
const MEMBER = '198.51.100.7';

describe('logins while one stranger sends as many as they can', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer({ env: { BCRYPT_COST: '9', TRUSTED_PROXIES: '127.0.0.1' } });
    expect((await post('register', MEMBER, ADA)).status).toBe(201);
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

  it.each([
    ['hang up at once', 20],
    ['wait for their answers', 30_000],
  ])(
    'lets a member in at each try, while others %s',
    async (_, patienceMs) => {
      const wrong = { ...ADA, password: 'some other password' };
      const refused: Response[] = [];
      let hungUp = 0;
      let isOver = false;
      const attack = async (): Promise<void> => {
        while (!isOver) {
          const answer = post('login', ATTACKER, wrong, AbortSignal.timeout(patienceMs));
          const response = await answer.catch(() => undefined);
          if (response?.status === 429) refused.push(response);
          if (!response) hungUp += 1;
          // No flood, which is another attack: the machine would be busy with refusals alone.
          await sleep(500);
        }
      };
      const attacks = Array.from({ length: 80 }, attack);
      const times: number[] = [];
      try {
        await eventually(
          async () => refused.length + hungUp,
          (many) => many > 100,
          20_000,
        );
        for (let login = 0; login < 3; login += 1) {
          const startedAt = performance.now();
          expect((await post('login', MEMBER, ADA)).status).toBe(200);
          times.push(Math.round(performance.now() - startedAt));
        }
      } finally {
        isOver = true;
        await Promise.all(attacks);
      }
      process.stdout.write(`  Logins of the member took ${times.join(', ')} ms\n`);
      for (const { headers } of refused) expect(headers.get('retry-after')).toMatch(/^[1-9]\d?$/);
      if (patienceMs > 1_000) expect(refused.length).toBeGreaterThan(0);
    },
    120_000,
  );
});
