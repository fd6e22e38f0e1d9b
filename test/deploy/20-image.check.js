import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IMAGE, buildImage, postgres, queryIn } from './containers.js';
import {
  Account,
  Visits,
  claim,
  claimEachOnce,
  directory,
  docker,
  inspect,
  randomSecret,
  request,
  run,
  until,
  words,
} from './support.js';

/** Builds the image, looks into it, and runs it as strictly as an operator may. */
const MOST_OF_ALL_MB = 350;
const MOST_OF_OURS_MB = 150;
const USER = '10001:10001';
/** Known to nobody, in the group that users without one are in. */
const FOREIGN_USER = '4711';
const SECRET_FILES = /(^|\/)(\.env[^/]*|\.npmrc|\.git|id_[a-z0-9]+|[^/]+\.(pem|key|p12|pfx))$/;
const UNWANTED =
  /\.(spec|fake)\.[jt]s$|\.tsbuildinfo$|^app\/(src|test|bench|coverage|data)\/|\.md\.swp$/;
const NETWORK = 'image-check';

async function main() {
  const version = await buildImage();
  await lookAtSettings(version);
  await lookAtFiles();
  await runIt();
}

async function lookAtSettings(version) {
  const { Config } = JSON.parse(await docker('inspect', IMAGE))[0];
  claim(Config.User === USER, `runs as ${USER}`, Config.User);
  claim(Config.StopSignal === 'SIGTERM', 'is stopped by SIGTERM');
  claim(
    Config.Entrypoint[0] === '/app/bin/signpost.js' && Config.Cmd[0] === 'serve',
    'starts no shell',
  );
  claim(Config.Healthcheck.Test[0] === 'CMD', 'looks after its health without a shell');
  claim(
    '/data' in Config.Volumes && '3000/tcp' in Config.ExposedPorts,
    'names its volume and port',
  );
  claim(Config.Labels['org.opencontainers.image.version'] === version, `is labelled ${version}`);
  const secrets = Config.Env.filter((line) => /SECRET|TOKEN|PASSWORD|DATABASE_URL/.test(line));
  claim(secrets.length === 0, 'has no secret in its environment', secrets);
}

/** One line a file, as tar tells: mode, owner, size, path. */
async function lookAtFiles() {
  const container = await docker('create', IMAGE);
  const archive = join(directory, 'image.tar');
  await docker('export', '--output', archive, container);
  await docker('rm', '-v', container);
  const listed = await run('tar', ['--numeric-owner', '-tvf', archive]);
  const files = listed
    .split('\n')
    .map((line) => /^(\S+) +(\S+) +(\d+) \S+ \S+ (.+)$/.exec(line) ?? [])
    .map(([, mode, owner, size, path]) => ({ mode, owner, size: Number(size), path }))
    .filter(({ path }) => path !== undefined);
  const ours = files.filter(({ path }) => path.startsWith('app/'));
  const none = (what, found) =>
    claim(
      found.length === 0,
      what,
      found.slice(0, 5).map(({ path }) => path),
    );
  none(
    'everything of ours belongs to root',
    ours.filter(({ owner }) => owner !== '0/0'),
  );
  none(
    'nobody else can write to it',
    ours.filter(({ mode }) => mode[0] !== 'l' && (mode[5] === 'w' || mode[8] === 'w')),
  );
  none(
    'there is no secret in it',
    ours.filter(({ path }) => SECRET_FILES.test(path)),
  );
  none(
    'there is no test in it',
    ours.filter(({ path }) => UNWANTED.test(path)),
  );
  none(
    'nothing is left of npm',
    files.filter(({ path }) => /^root\/\.npm|_cacache/.test(path)),
  );
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const development = Object.keys(packages).filter((name) => packages[name].dev);
  const there = new Set(ours.map(({ path }) => path.replace(/\/$/, '')));
  none(
    `none of ${development.length} development dependencies is in it`,
    development.filter((name) => there.has(`app/${name}`)).map((path) => ({ path })),
  );
  const megabytes = (some) => Math.ceil(some.reduce((sum, { size }) => sum + size, 0) / 1e6);
  const all = megabytes(files);
  claim(megabytes(ours) <= MOST_OF_OURS_MB, `${megabytes(ours)} MB are ours`);
  claim(all <= MOST_OF_ALL_MB, `${all} MB are all of it`);
}

async function runIt() {
  const secrets = secretFiles();
  const shared = `--network ${NETWORK} -v ${secrets}:/run/secrets:ro`;
  await docker('network', 'create', NETWORK);
  const database = `--name image-database --network-alias database --user 999:999 -e POSTGRES_USER=signpost
    -e POSTGRES_DB=signpost -e POSTGRES_PASSWORD_FILE=/run/secrets/database_password ${await postgres()}`;
  await docker('run', '-d', ...words(`${shared} ${database}`));
  const query = queryIn('image-database');
  await until('the database is up', async () => (await query('SELECT 1')).length === 1);
  const strictly =
    words(`--read-only --cap-drop ALL --security-opt no-new-privileges --pids-limit 100
    --memory 512m --memory-swap 512m --user ${FOREIGN_USER} ${shared} -e PUBLIC_URL=https://go.example.com
    -e DATABASE_URL_FILE=/run/secrets/database_url -e JWT_SECRET_FILE=/run/secrets/jwt_secret
    -e SETUP_TOKEN_FILE=/run/secrets/setup_token`);
  await docker('run', '--rm', ...strictly, IMAGE, 'migrate');
  await docker(
    'run',
    '-d',
    ...strictly,
    ...words(`--name image-service -v image-data:/data ${IMAGE}`),
  );
  const origin = await untilReady();
  claim(true, `runs read-only, without capabilities, in 512 MB, as the user ${FOREIGN_USER}`);
  const account = await new Account(origin).register(
    readFileSync(join(secrets, 'setup_token'), 'utf8'),
  );
  await account.shorten('image');

  const stopped = new Visits(`${origin}/image`, 200);
  await stopped.redirects(500);
  const since = Date.now();
  await docker('stop', '--time', '30', 'image-service');
  const took = Date.now() - since;
  await stopped.stop();
  const code = await inspect('image-service', '{{.State.ExitCode}}');
  claim(code === '0', `ends with 0, ${took} ms after SIGTERM`, code);
  await claimEachOnce(query, stopped);

  await docker('start', 'image-service');
  const killed = new Visits(`${await untilReady()}/image`, 200);
  await killed.redirects(500);
  await docker('kill', '--signal', 'KILL', 'image-service');
  await killed.stop();
  await docker('start', 'image-service');
  await untilReady();
  console.log('  started again after SIGKILL');
  await claimEachOnce(query, killed);
  const health = () => inspect('image-service', '{{.State.Health.Status}}');
  await until('healthy', async () => (await health()) === 'healthy');
  claim(true, 'is healthy');
  await remove();
}

async function untilReady() {
  const address = await inspect(
    'image-service',
    '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}',
  );
  const origin = `http://${address}:3000`;
  await until('ready', async () => (await request(`${origin}/health/ready`)).status === 200);
  return origin;
}

function secretFiles() {
  const secrets = join(directory, 'image-secrets');
  mkdirSync(secrets, { mode: 0o755, recursive: true });
  const password = randomSecret();
  const texts = {
    database_password: password,
    database_url: `postgres://signpost:${password}@database:5432/signpost`,
    jwt_secret: randomSecret(),
    setup_token: randomSecret(),
  };
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(secrets, name), text);
  return secrets;
}

async function remove() {
  await docker('rm', '-f', '-v', 'image-service', 'image-database');
  await docker('volume', 'rm', 'image-data');
  await docker('network', 'rm', NETWORK);
}

try {
  await main();
} catch (error) {
  console.error(error.message);
  // There is none if it has not come that far.
  console.error(await docker('logs', '--tail', '20', 'image-service').catch(() => ''));
  process.exitCode = 1;
}
