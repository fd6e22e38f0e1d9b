import http2 from 'node:http2';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { Stack } from './stack.js';
import {
  Visits,
  claim,
  claimEachOnce,
  directory,
  docker,
  request,
  run,
  until,
  words,
} from './support.js';

/** nginx as it is shipped, in front of two services: what it lets through, and that it hides restarts. */
const RATE = 500;
const MANY_VISITS = 30_000;
/** The service lets a user make 600 requests a minute. */
const POSTS_A_SECOND = 5;
const LOGINS = 40;

const stack = new Stack('nginx');
const { origin } = stack;

async function main() {
  stack.environment.DOCS = 'on';
  const account = await stack.up();
  await account.shorten('nginx');
  await passesOn();
  await takesLargeBodies();
  await hides();
  await ignoresSpoofedAddresses();
  await restartUnderLoad(account);
  await slowsDownLogins(account);
  await takesCertificateOver();
  await explainsOutages();
}

async function passesOn() {
  const plain = await request(`${stack.plainOrigin}/nginx?a=b`, {
    headers: { host: 'go.example.com' },
  });
  claim(plain.headers.location === 'https://go.example.com/nginx?a=b', 'http is sent to https');
  claim((await statusOverHttp2('/nginx')) === 302, 'speaks HTTP/2');
  const document = await request(`${origin}/openapi.json`, {
    headers: { 'accept-encoding': 'gzip' },
  });
  claim(document.headers['content-encoding'] === 'gzip', 'compresses');
  const styles = await request(`${origin}/docs/swagger-ui.css`);
  const keep = styles.headers['cache-control'];
  claim(styles.status === 200 && keep === 'max-age=86400', 'lets static files be kept', keep);
  for (let i = 0; i < 20; i += 1) await request(`${origin}/nobody-knows-${i}`);
  const token = `spi_${'x'.repeat(43)}`;
  await request(`${origin}/api/v1/invitations/${token}/accept`);
  const log = await stack.logs('nginx');
  claim(!log.includes(token) && log.includes('[redacted]'), 'tells no token of an invitation');
  const asked = ['10.213.80.11', '10.213.80.12'].map(
    (address) => log.split(`"${address}:3000"`).length - 1,
  );
  claim(
    asked.every((count) => count >= 5),
    `shares the load: ${asked.join(' and ')} of 20 requests`,
  );
}

/** A stranger is refused by the service, not by the size of what they send. */
async function takesLargeBodies() {
  const body = 'x'.repeat(1_000_000);
  const post = async (path, type = 'application/json') => {
    const headers = { 'content-type': type };
    return (await request(origin + path, { method: 'POST', headers, body })).status;
  };
  const file = '/api/v1/workspaces/01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d/imports?source=csv';
  const answers = [
    ['large batches pass', 401, await post('/api/v1/links/batch')],
    ['large files of imports pass', 401, await post(file, 'application/octet-stream')],
    ['no other large bodies pass', 413, await post('/api/v1/links')],
  ];
  for (const [what, expected, status] of answers)
    claim(status === expected, `lets ${what}`, status);
}

function statusOverHttp2(path) {
  return new Promise((resolve, reject) => {
    const session = http2.connect(origin, { rejectUnauthorized: false }).on('error', reject);
    const stream = session.request({ ':path': path });
    stream.on('response', (headers) => resolve(headers[':status']));
    stream.on('error', reject).on('close', () => session.close());
    stream.resume().end();
  });
}

async function hides() {
  for (const path of [
    '/metrics',
    '//metrics',
    '/%6detrics',
    '/health',
    '/health/ready',
    '/health/',
  ]) {
    const { status, headers } = await request(origin + path);
    claim(status === 404 && !headers['x-request-id'], `${path} is not public`, status);
  }
  const { headers } = await request(`${origin}/nginx`);
  claim(headers.server === 'nginx', 'does not tell its version', headers.server);
}

/** From here it is one visitor, whatever the header says; from another address it is another one. */
async function ignoresSpoofedAddresses() {
  const addresses = ['198.51.100.1', '198.51.100.2', '203.0.113.9, 198.51.100.3'];
  for (const address of addresses) {
    const headers = {
      'x-forwarded-for': address,
      'x-real-ip': address,
      forwarded: `for=${address}`,
    };
    await request(`${origin}/nginx?utm_campaign=spoofed`, { headers });
  }
  const visitors = async () => {
    const sql = `SELECT count(*) || ' clicks of ' || count(DISTINCT visitor) FROM clicks
      WHERE utm_campaign = 'spoofed'`;
    return (await stack.query(sql))[0];
  };
  await until('the visits are stored', async () => (await visitors()).startsWith('3 '));
  const spoofed = await visitors();
  claim(spoofed === '3 clicks of 1', 'a spoofed X-Forwarded-For makes no other visitor', spoofed);
  const visit = `fetch('https://10.213.80.10:8443/nginx?utm_campaign=spoofed', { redirect: 'manual',
    headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' } })`;
  const unchecked = 'NODE_TLS_REJECT_UNAUTHORIZED=0';
  await docker('exec', '-e', unchecked, 'signpost-app-1-1', 'node', '-e', visit);
  await until('that visit is stored', async () => (await visitors()).startsWith('4 '));
  const both = await visitors();
  claim(both === '4 clicks of 2', 'another address does', both);
}

/** By the commands of an upgrade, as docs/operate.md has them; the image is the same, so it has to be forced. */
async function restartUnderLoad(account) {
  const visits = new Visits(`${origin}/nginx`, RATE);
  const posts = new Posts(account);
  let restarts = 0;
  while (visits.answered.size + visits.failed.size < MANY_VISITS || restarts < 2) {
    if (restarts % 2 === 0) await stack.compose('run', '--rm', 'migrate');
    await stack.start('--no-deps', '--force-recreate', `app-${(restarts % 2) + 1}`);
    restarts += 1;
  }
  await visits.stop();
  await posts.stop();
  const { size } = visits.failed;
  const all = `${visits.answered.size + size} visits`;
  claim(size === 0, `${restarts} upgrades of a service: ${size} of ${all} fail`, visits.failures);
  claim(
    posts.failed.length === 0,
    `${posts.failed.length} of ${posts.made.length} POSTs fail`,
    posts.failed.join(', '),
  );
  await claimEachOnce(stack.query, visits);
  const sql = `SELECT count(*) || ' ' || count(DISTINCT url) FROM links
    WHERE url LIKE 'https://example.com/posted/%'`;
  const [stored] = await stack.query(sql);
  claim(
    stored === `${posts.made.length} ${posts.made.length}`,
    '0 POSTs lost, 0 made twice',
    stored,
  );
}

/** Links that are made at a steady pace, each with a target of its own and without an Idempotency-Key. */
class Posts {
  made = [];
  failed = [];
  #isRunning = true;

  constructor(account) {
    this.running = this.#run(account);
  }

  stop() {
    this.#isRunning = false;
    return this.running;
  }

  async #run(account) {
    const all = [];
    while (this.#isRunning) {
      all.push(this.#post(account, `https://example.com/posted/${all.length}`));
      await sleep(1_000 / POSTS_A_SECOND);
    }
    await Promise.all(all);
  }

  async #post(account, url) {
    const { status, text } = await account
      .send('POST', '/links', { url })
      .catch((error) => ({ status: error.code, text: '' }));
    if (status === 201) this.made.push(url);
    else this.failed.push(`${status} ${text}`);
  }
}

async function slowsDownLogins(account) {
  const body = { email: 'nobody@example.com', password: 'this is not the password' };
  const logins = Array.from({ length: LOGINS }, () => account.send('POST', '/auth/login', body));
  const answers = await Promise.all(logins);
  const refused = answers.filter(({ status, text }) => status === 429 && /your address/.test(text));
  claim(refused.length >= LOGINS / 4, `${refused.length} of ${LOGINS} logins at once are 429`);
  claim(
    refused.every(
      ({ headers, json }) => headers['retry-after'] && json.code === 'too-many-requests',
    ),
    'as the service would say it',
  );
  claim((await request(`${origin}/nginx`)).status === 302, 'links redirect all the while');
}

/** As docs/operate.md has it: copied over the old files, which are mounted one by one. */
async function takesCertificateOver() {
  const before = await fingerprint();
  const secrets = join(stack.home, 'secrets');
  const options =
    '-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=new';
  await run('openssl', [
    'req',
    ...words(`${options} -keyout ${directory}/key -out ${directory}/crt`),
  ]);
  await run('cp', [join(directory, 'crt'), join(secrets, 'tls_certificate')]);
  await run('cp', [join(directory, 'key'), join(secrets, 'tls_key')]);
  await stack.compose('kill', '-s', 'HUP', 'nginx');
  await until('the certificate is new', async () => (await fingerprint()) !== before);
  claim(true, 'takes a new certificate over');
}

function fingerprint() {
  const { hostname: host, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

async function explainsOutages() {
  await stack.compose('stop', 'app-1', 'app-2');
  const page = await request(`${origin}/nginx`);
  claim(
    page.status === 503 && /try again/.test(page.text),
    'says it in words when no service answers',
  );
  const problem = await request(`${origin}/api/v1/links`, { method: 'POST', body: {} });
  claim(
    problem.status === 503 && problem.json.code === 'not-ready',
    'and to programs as a problem',
  );
}

try {
  await main();
} catch (error) {
  console.error(error.message);
  console.error(await stack.troubles());
  process.exitCode = 1;
} finally {
  await stack.down();
}
