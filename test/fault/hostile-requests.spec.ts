import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Agent, request } from 'node:http';
import { TestUser } from '../support/api.js';
import { expectEachOnce } from '../support/exactly-once.js';
import { report } from '../support/fault-runs.js';
import { Load } from '../support/load.js';
import { metric } from '../support/metrics.js';
import { startServer, type TestServer } from '../support/server.js';

const CONNECTIONS = 8;
const REQUESTS = 200;
/** How much more work a hostile request may make than an ordinary one; it was 15 to 60 times as much. */
const TIMES_AS_MUCH = 8;
const LARGEST_ANSWER = 8_000;

interface Question {
  method: string;
  path: string;
  body?: string;
}

const names = (count: number) =>
  Array.from({ length: count }, (_, index) => (index + 1_296).toString(36));
const object = (members: number) => Object.fromEntries(names(members).map((name) => [name, 0]));

const post = (path: string, body: object): Question => ({
  method: 'POST',
  path: `/api/v1${path}`,
  body: JSON.stringify(body),
});
const list = (query: string): Question => ({ method: 'GET', path: `/api/v1/links?${query}` });

/** What is hostile, beside what is merely wrong at the same place. */
const ATTACKS: [name: string, hostile: Question, ordinary: Question][] = [
  [
    'thousands of unknown fields',
    post('/auth/logout', object(7_750)),
    post('/auth/logout', { refreshToken: 7 }),
  ],
  [
    'a large object where a text is expected',
    post('/auth/login', { email: names(3_000).map((name) => ({ [name]: [0] })), password: 'x' }),
    post('/auth/login', { email: 7, password: 'x' }),
  ],
  [
    'thousands of unknown fields, with a token',
    post('/links', object(7_000)),
    post('/links', { url: 7 }),
  ],
  [
    'as many unknown fields as are looked at, with a token',
    post('/links', object(200)),
    post('/links', { url: 7 }),
  ],
  ['thousands of parameters, with a token', list(names(3_200).join('&')), list('limit=x')],
];

describe('While a stranger sends hostile requests on eight connections', () => {
  let server: TestServer;
  let user: TestUser;

  beforeAll(async () => {
    server = await startServer();
    user = await TestUser.register(server.url);
  }, 60_000);
  afterAll(() => server.remove());

  /** Asks again and again, and returns the size of the largest answer. */
  async function askOften(question: Question): Promise<number> {
    const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
    const answers = Array.from({ length: REQUESTS }, () => ask(question, agent));
    const largest = Math.max(...(await Promise.all(answers)));
    agent.destroy();
    return largest;
  }

  function ask({ method, path, body }: Question, agent: Agent): Promise<number> {
    const headers = {
      authorization: `Bearer ${user.token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    return new Promise((resolve) => {
      const sent = request(`${server.url}${path}`, { method, agent, headers });
      // Who is refused before all of the body was sent may see a broken connection, not an answer.
      sent
        .on('error', () => resolve(0))
        .on('response', (answer) => {
          let bytes = 0;
          answer.on('data', (chunk: Buffer) => (bytes += chunk.length));
          answer.on('close', () => resolve(bytes));
        });
      sent.end(body);
    });
  }

  /** Seconds of a core that the work takes the server. */
  async function costOf(work: () => Promise<unknown>): Promise<number> {
    const before = await cpuSeconds();
    await work();
    return (await cpuSeconds()) - before;
  }

  const cpuSeconds = () => metric(server.url, 'process_cpu_seconds_total');

  it.each(ATTACKS)(
    '(%s) links redirect',
    async (_name, hostile, ordinary) => {
      await askOften(ordinary);
      const usual = await costOf(() => askOften(ordinary));
      let largest = 0;
      const cost = await costOf(async () => (largest = await askOften(hostile)));
      report(
        `${((cost / REQUESTS) * 1000).toFixed(1)} ms of a core each, ordinary ones ` +
          `${((usual / REQUESTS) * 1000).toFixed(1)} ms; at most ${largest} bytes`,
      );
      expect(cost / usual).toBeLessThan(TIMES_AS_MUCH);
      expect(largest).toBeLessThan(LARGEST_ANSWER);

      const load = new Load(server.url, (await user.shorten())['code'] as string);
      await load.redirects(50);
      await askOften(hostile);
      await load.redirects(50);
      await load.stop();
      expect(load.failures).toEqual([]);
      await expectEachOnce(server, load);
    },
    120_000,
  );
});
