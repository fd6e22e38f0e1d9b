import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

/** Curl and the like are bots; their clicks are counted apart. */
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const MOST_IN_FLIGHT = 256;
const TICK_MS = 5;
const SKIPPED = 77;

/** What test/deploy/check.sh gives to every check. */
export const engine = process.env['DOCKER'];
export const directory = process.env['CHECK_DIRECTORY'];

export function skip(why) {
  console.log(why);
  process.exit(SKIPPED);
}

/** Ends the check unless it is so. */
export function claim(isTrue, what, found = '') {
  if (!isTrue) throw new Error(`not so: ${what} ${found}`);
  console.log(`  ${what}`);
}

/** Its output; what it said if it fails. Visits go on meanwhile. */
export async function run(program, args, { env = process.env } = {}) {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => (said[name] += text));
  }
  const [code] = await once(child, 'close');
  if (code === 0) return said.stdout.trim();
  const end = `${said.stdout}${said.stderr}`.slice(-4_000);
  throw new Error(`${program} ${args.join(' ')}: exit code ${code}\n${end}`);
}

export const docker = (...args) => run(engine, args);

export const inspect = (name, format) => docker('inspect', '--format', format, name);

/** The arguments of a command line that quotes nothing. */
export const words = (line) => line.trim().split(/\s+/);

/** Waits until it is so; what is thrown meanwhile counts as no. */
export async function until(what, isSo, withinSeconds = 60) {
  const deadline = Date.now() + withinSeconds * 1_000;
  let reason = '';
  for (;;) {
    try {
      const found = await isSo();
      if (found) return found;
    } catch (error) {
      reason = error.message;
    }
    if (Date.now() > deadline) throw new Error(`not within ${withinSeconds} s: ${what} ${reason}`);
    await sleep(100);
  }
}

/** One request on a connection of its own unless an agent is given; certificates are not checked. */
export function request(
  url,
  { method = 'GET', headers = {}, body, agent = false, ...options } = {},
) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const client = url.startsWith('https:') ? https : http;
  return new Promise((resolve, reject) => {
    const sent = client.request(
      url,
      {
        method,
        agent,
        rejectUnauthorized: false,
        timeout: 20_000,
        headers: {
          'user-agent': BROWSER,
          ...(text && {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(text),
          }),
          ...headers,
        },
        ...options,
      },
      (response) => {
        let received = '';
        response.setEncoding('utf8').on('data', (chunk) => (received += chunk));
        response.on('end', () => {
          const { statusCode: status, headers: answered } = response;
          const type = answered['content-encoding'] ?? answered['content-type'] ?? '';
          const json = /json/.test(type) ? JSON.parse(received) : undefined;
          resolve({ status, headers: answered, text: received, json });
        });
        response.on('error', reject);
      },
    );
    sent.on('timeout', () => sent.destroy(new Error('no answer in time')));
    sent.on('error', reject);
    sent.end(text);
  });
}

/** A user of the service at this address. */
export class Account {
  constructor(origin) {
    this.origin = origin;
  }

  async register(setupToken) {
    const email = `${randomBytes(6).toString('hex')}@example.com`;
    const body = {
      email,
      password: randomBytes(12).toString('hex'),
      ...(setupToken && { setupToken }),
    };
    this.token = (await this.post('/auth/register', body)).accessToken;
    return this;
  }

  shorten(code, url = 'https://example.com/') {
    return this.post('/links', { url, code });
  }

  async post(path, body) {
    const answer = await this.send('POST', path, body);
    if (answer.status === 201) return answer.json;
    throw new Error(`POST ${path}: ${answer.status} ${answer.text}`);
  }

  send(method, path, body, headers = {}) {
    return request(`${this.origin}/api/v1${path}`, {
      method,
      body,
      headers: { ...(this.token && { authorization: `Bearer ${this.token}` }), ...headers },
    });
  }
}

/**
 * Visitors who follow a link, so many a second, whether or not they are answered. Every visit carries a
 * marker of its own (`utm_campaign`), which is found again in the click that was stored.
 */
export class Visits {
  prefix = randomBytes(6).toString('hex');
  /** Markers of the visits that were answered with a redirect. */
  answered = new Set();
  /** Markers of all others, and what came instead. */
  failed = new Map();
  #count = 0;
  #inFlight = new Set();
  #isRunning = true;

  constructor(url, rate) {
    this.url = url;
    const module = url.startsWith('https:') ? https : http;
    this.agent = new module.Agent({ keepAlive: true, maxSockets: MOST_IN_FLIGHT });
    this.running = this.#run(rate);
  }

  get failures() {
    return [...new Set(this.failed.values())].join(', ');
  }

  async stop() {
    this.#isRunning = false;
    await this.running;
    await Promise.all(this.#inFlight);
    this.agent.destroy();
    return this;
  }

  /** Waits until there were this many redirects more. */
  async redirects(more, withinSeconds = 120) {
    const goal = this.answered.size + more;
    await until(`${more} redirects`, () => this.answered.size >= goal, withinSeconds);
  }

  async #run(rate) {
    const startedAt = performance.now();
    let due = 0;
    while (this.#isRunning) {
      for (; due < ((performance.now() - startedAt) / 1_000) * rate; due += 1) {
        if (this.#inFlight.size < MOST_IN_FLIGHT) this.#visit();
      }
      await sleep(TICK_MS);
    }
  }

  #visit() {
    const marker = `${this.prefix}-${(this.#count += 1)}`;
    const visit = request(`${this.url}?utm_campaign=${marker}`, { agent: this.agent })
      .then(({ status }) => {
        if (status === 302) this.answered.add(marker);
        else this.failed.set(marker, `status ${status}`);
      })
      .catch((error) => this.failed.set(marker, error.code ?? error.message))
      .finally(() => this.#inFlight.delete(visit));
    this.#inFlight.add(visit);
  }
}

/**
 * Waits until every answered visit is stored, and claims that it is so once.
 * @param query runs SQL, and gives the lines of its answer
 * @param doubled how many visits may be there twice: a proxy asks another service again when the first one
 *   is killed between the click and the answer
 */
export async function claimEachOnce(query, visits, { doubled = 0 } = {}) {
  const { prefix, answered } = visits;
  const sql = `SELECT utm_campaign || ' ' || count(*) FROM clicks
    WHERE split_part(utm_campaign, '-', 1) = '${prefix}' GROUP BY utm_campaign`;
  const stored = await until(`all of ${answered.size} clicks are stored`, async () => {
    const found = new Map((await query(sql)).map((line) => line.split(' ')));
    const { length } = [...answered].filter((marker) => !found.has(marker));
    if (length > 0) throw new Error(`(${length} are missing)`);
    return found;
  });
  const twice = [...stored].filter(([, count]) => count !== '1').length;
  claim(
    twice <= doubled,
    `${answered.size} answered visits: 0 clicks lost, ${twice} counted twice`,
  );
}

export const randomSecret = () => randomBytes(36).toString('base64url');
