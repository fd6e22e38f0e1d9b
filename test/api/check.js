import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * npm run check:api -- [arguments for schemathesis]
 * Holds the running service against its OpenAPI document with schemathesis, a Python program: it
 * sends what the document allows and what it does not, always the same. Checks that make no sense
 * here are switched off in schemathesis.toml, each with its reason.
 */
const RELEASE = '4.32';
const NEEDED = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';
const SEED = '20261123';
const MAX_EXAMPLES = '40';
const UP_WITHIN_MS = 60_000;
const isWindows = process.platform === 'win32';

async function main() {
  const schemathesis = install();
  if (schemathesis === undefined) return 0;
  const directory = mkdtempSync(join(tmpdir(), 'signpost-check-api-'));
  const service = await start(directory);
  const stop = () => {
    service.child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  process.once('exit', stop);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  const ended = once(service.child, 'exit').then(() => service.say('The service ended:', 1));
  return await Promise.race([check(schemathesis, service, directory), ended]);
}

/** The program, installed outside of the tree when it is first asked for; undefined without Python. */
function install() {
  const python = ['python3', 'python'].find((name) => run(name, ['-c', NEEDED]) === 0);
  if (python === undefined) {
    console.log('skipped: check:api needs Python 3.10 or newer, with venv and pip');
    return undefined;
  }
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const environment = join(cache, 'signpost-checks', `schemathesis-${RELEASE}`);
  const bin = join(environment, isWindows ? 'Scripts' : 'bin');
  const program = join(bin, isWindows ? 'schemathesis.exe' : 'schemathesis');
  if (existsSync(program)) return program;
  console.log(`Installing schemathesis ${RELEASE} into ${environment}`);
  rmSync(environment, { recursive: true, force: true });
  mkdirSync(environment, { recursive: true });
  const pip = ['-m', 'pip', 'install', '--quiet', `schemathesis==${RELEASE}.*`];
  const isDone =
    run(python, ['-m', 'venv', environment], 'inherit') === 0 &&
    run(join(bin, isWindows ? 'python.exe' : 'python'), pip, 'inherit') === 0;
  if (isDone) return program;
  rmSync(environment, { recursive: true, force: true });
  throw new Error(`schemathesis ${RELEASE} could not be installed from PyPI`);
}

const run = (program, args, stdio = 'ignore') => spawnSync(program, args, { stdio }).status;

/** The service on a fresh embedded database, without a limit that a check would run into. */
async function start(directory) {
  const port = await freePort();
  const child = spawn(process.execPath, [join(process.cwd(), 'dist/src/main.js')], {
    cwd: directory,
    env: {
      PATH: process.env['PATH'],
      SystemRoot: process.env['SystemRoot'],
      NODE_ENV: 'test',
      HOST: '127.0.0.1',
      PORT: String(port),
      DATA_DIR: join(directory, 'data'),
      JWT_SECRET: randomBytes(32).toString('hex'),
      ACCESS_TOKEN_TTL_SECONDS: '86400',
      REGISTRATION: 'open',
      ALLOW_PRIVATE_REQUESTS: 'true',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (log = (log + text).slice(-20_000)));
  }
  const say = (words, exitCode) => {
    console.error(`${words}\n${log}`);
    return exitCode;
  };
  return { url: `http://127.0.0.1:${port}`, child, say };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** As the administrator; another has made the link that is followed, so that it stays. */
async function check(schemathesis, service, directory) {
  await untilReady(service.url);
  const administrator = await register(service.url);
  const url = 'https://example.com/';
  await post(service.url, '/links', await register(service.url), { url, code: 'checked' });
  const config = join(import.meta.dirname, 'schemathesis.toml');
  const args = ['--config-file', config, 'run', `${service.url}/openapi.json`];
  args.push('--seed', SEED, '--max-examples', MAX_EXAMPLES, ...process.argv.slice(2));
  const child = spawn(schemathesis, args, {
    cwd: directory,
    env: {
      ...process.env,
      ACCESS_TOKEN: administrator,
      PYTHONDONTWRITEBYTECODE: '1',
      SCHEMATHESIS_HOOKS: join(import.meta.dirname, 'hooks.py'),
    },
    stdio: 'inherit',
  });
  process.once('exit', () => child.kill());
  const [exitCode] = await once(child, 'exit');
  return exitCode ?? 1;
}

async function register(url) {
  const [name, password] = [8, 12].map((bytes) => randomBytes(bytes).toString('hex'));
  const account = { email: `${name}@example.com`, password };
  return (await post(url, '/auth/register', undefined, account)).accessToken;
}

async function untilReady(url) {
  const deadline = Date.now() + UP_WITHIN_MS;
  for (;;) {
    const answer = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (answer?.ok) return;
    if (Date.now() > deadline) throw new Error('the service is not ready in time');
    await sleep(100);
  }
}

async function post(url, path, token, body) {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.status}`);
  return answer.json();
}

process.exit(await main());
