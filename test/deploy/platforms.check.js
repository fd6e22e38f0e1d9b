import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseEnv } from 'node:util';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { parse as parseToml } from 'smol-toml';
import { parse as parseYaml } from 'yaml';

/**
 * Checks what deploy/ has for platforms and environments: against the published schemas, where they can be
 * had, and each path, port, command, probe and variable against the repository. The variables have to make a
 * configuration that the service would start with.
 */
const root = join(import.meta.dirname, '../..');
const deploy = join(root, 'deploy');
const directory = mkdtempSync(join(tmpdir(), 'signpost-platforms-'));
const cache =
  process.env['CHECK_CACHE'] ??
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'signpost-checks');
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));

const SCHEMAS = {
  'fly.json': 'https://www.schemastore.org/fly.json',
  'render.yaml.json': 'https://render.com/schema/render.yaml.json',
  'railway.schema.json': 'https://railway.com/railway.schema.json',
};
/** Shorter than these, and clicks would wait on the disk for the next start. */
const GRACE_SECONDS = 25;
/** Of the platform or of pg, and none of ours. */
const FOREIGN = new Set(['NODE_VERSION', 'PGSSLMODE']);
/** What platforms and people fill in. */
const SECRETS = {
  DATABASE_URL: 'postgres://signpost@localhost/signpost',
  JWT_SECRET: Buffer.from('0123456789'.repeat(5)).toString('base64'),
  SETUP_TOKEN: 'Vd8tq0xGhfC3PzrW5kYs',
  METRICS_TOKEN: 'n3Jw9cQe7LrTz2VbXk5M',
};

let failures = 0;
function check(name, prove) {
  try {
    prove();
    console.log(`passed: ${name}`);
  } catch (error) {
    failures += 1;
    console.log(`failed: ${name}: ${error.message}`);
  }
}
function claim(isTrue, what) {
  if (!isTrue) throw new Error(`not so: ${what}`);
}
const read = (...path) => readFileSync(join(deploy, ...path), 'utf8');

function run(program, ...args) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

/** The schema from the cache or from where it is published; undefined if it cannot be had. */
async function schema(name) {
  const file = join(cache, 'schemas', name);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  try {
    const answer = await fetch(SCHEMAS[name], { signal: AbortSignal.timeout(10_000) });
    return answer.ok ? await answer.json() : undefined;
  } catch {
    return undefined;
  }
}

async function checkSchema(what, name, value) {
  const found = await schema(name);
  if (found === undefined) {
    console.log(`skipped: ${what}: its published schema cannot be had: ${SCHEMAS[name]}`);
    return;
  }
  check(`${what} is valid by its published schema`, () => {
    const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false });
    addFormats.default(ajv);
    claim(ajv.validate(found, value), ajv.errorsText());
  });
}

/** Makes the configuration of these variables, as the service does at its start. */
async function loader() {
  run('npm', 'run', '--silent', 'build');
  const { loadConfig } = await import(join(root, 'dist/config/load-config.js'));
  return (variables) => {
    const own = Object.entries(variables).filter(([name]) => !FOREIGN.has(name));
    // As .env, where every name has to be one of a setting.
    return loadConfig({ DATA_DIR: directory }, Object.fromEntries(own));
  };
}

/** Files of secrets are made, and names of other systems' values filled in. */
function completed(variables) {
  const result = { ...variables };
  for (const [name, secret] of Object.entries(SECRETS)) {
    if (`${name}_FILE` in result) {
      result[`${name}_FILE`] = join(directory, name);
      writeFileSync(join(directory, name), `${secret}\n`);
    } else if (result[name] !== undefined) result[name] = secret;
  }
  for (const [name, value] of Object.entries(result)) {
    result[name] = value.replaceAll('${{RAILWAY_PUBLIC_DOMAIN}}', 'go.example.com');
  }
  return result;
}

const commands = run(process.execPath, 'bin/signpost.js', '--help');
const isCommand = (name) => new RegExp(`^  ${name} `, 'm').test(commands);
const launches = (line, command) =>
  line === `node bin/signpost.js ${command}` && isCommand(command);

/** Runs a command as a platform does, with its variables and a database that cannot be reached, till it lives. */
async function runs(line, variables) {
  const [, ...args] = line.split(' ');
  const env = { PATH: process.env['PATH'], ...variables, DATA_DIR: join(directory, 'data') };
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: 'ignore' });
  const deadline = Date.now() + 30_000;
  try {
    while (Date.now() < deadline && child.exitCode === null) {
      const url = `http://127.0.0.1:${variables['PORT']}/health/live`;
      if ((await fetch(url).catch(() => undefined))?.ok) return true;
      await sleep(100);
    }
    return false;
  } finally {
    child.kill('SIGKILL');
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return String(port);
}

const load = await loader();
run(process.execPath, 'dist/src/bootstrap/write-openapi.js', join(directory, 'openapi.json'));
const { paths } = JSON.parse(readFileSync(join(directory, 'openapi.json'), 'utf8'));
const isReadiness = (path) => path === '/health/ready' && path in paths;

/** A platform runs production, migrates by itself, and waits until clicks are stored. */
function checkVariables(platform, variables) {
  check(`${platform}: the variables are a configuration of production`, () => {
    const config = load(completed(variables));
    claim(config.environment.name === 'production', 'NODE_ENV is production');
    claim(config.database.migrateOnStart === false, 'it is migrated before it starts');
    claim(config.server.trustedProxies.length > 0, 'the proxies of the platform are trusted');
    claim(config.server.shutdownGraceSeconds === GRACE_SECONDS, `it drains ${GRACE_SECONDS} s`);
  });
}

async function checkFly() {
  const fly = parseToml(read('fly', 'fly.toml'));
  await checkSchema('fly.toml', 'fly.json', fly);
  check('fly.toml: Dockerfile, port, probe, release command, volume and time to stop', () => {
    const dockerfile = join(deploy, 'fly', fly.build.dockerfile);
    claim(existsSync(dockerfile), `${fly.build.dockerfile} is there`);
    const lines = readFileSync(dockerfile, 'utf8');
    const { internal_port: port, checks } = fly.http_service;
    claim(lines.includes(`EXPOSE ${port}\n`), `the image exposes ${port}`);
    claim(/^ENTRYPOINT .*bin\/signpost\.js"\]$/m.test(lines), 'the entry point is the launcher');
    claim(isCommand(fly.deploy.release_command), 'the release command is one of the launcher');
    claim(fly.deploy.release_command === 'migrate', 'the release command migrates');
    claim(
      checks.every(({ path }) => isReadiness(path)),
      'the probe asks for readiness',
    );
    claim(
      lines.includes(`VOLUME ${fly.mounts.destination}\n`),
      'the volume is the one of the image',
    );
    claim(fly.env['DATA_DIR'] === fly.mounts.destination, 'the spool is on the volume');
    claim(fly.kill_signal === 'SIGTERM' && fly.kill_timeout > GRACE_SECONDS, 'it may drain');
  });
  const { DATABASE_URL, JWT_SECRET, METRICS_TOKEN } = SECRETS;
  const secrets = { DATABASE_URL, JWT_SECRET, METRICS_TOKEN };
  checkVariables('fly.toml', Object.assign(secrets, fly.env));
}

async function checkRender() {
  const render = parseYaml(read('render', 'render.yaml'));
  await checkSchema('render.yaml', 'render.yaml.json', render);
  const [service] = render.services;
  check('render.yaml: commands, probe, disk, database and time to stop', () => {
    claim(launches(service.preDeployCommand, 'migrate'), 'it migrates before a deploy');
    claim(launches(service.startCommand, 'serve'), 'it starts the service');
    claim(isReadiness(service.healthCheckPath), 'the probe asks for readiness');
    claim(service.maxShutdownDelaySeconds > GRACE_SECONDS, 'it may drain');
    const { fromDatabase } = service.envVars.find(({ key }) => key === 'DATABASE_URL');
    claim(
      render.databases.some(({ name }) => name === fromDatabase.name),
      'the database is there',
    );
    const { value } = service.envVars.find(({ key }) => key === 'DATA_DIR');
    claim(value === service.disk.mountPath, 'the spool is on the disk');
  });
  const values = service.envVars.map(({ key, value }) => [key, value ?? 'filled in']);
  checkVariables('render.yaml', {
    ...Object.fromEntries(values),
    PUBLIC_URL: 'https://go.example.com',
  });
}

async function checkRailway() {
  const railway = JSON.parse(read('railway', 'railway.json'));
  await checkSchema('railway.json', 'railway.schema.json', railway);
  check('railway.json: commands, probe and time to stop', () => {
    const { preDeployCommand, startCommand, healthcheckPath, drainingSeconds } = railway.deploy;
    claim(launches(preDeployCommand.join(' '), 'migrate'), 'it migrates before a deploy');
    claim(launches(startCommand, 'serve'), 'it starts the service');
    claim(isReadiness(healthcheckPath), 'the probe asks for readiness');
    claim(drainingSeconds > GRACE_SECONDS, 'it may drain');
  });
  checkVariables('railway.env.example', parseEnv(read('railway', 'railway.env.example')));
}

async function checkHeroku() {
  const app = JSON.parse(read('heroku', 'app.json'));
  const processes = Object.fromEntries(
    read('heroku', 'Procfile')
      .trim()
      .split('\n')
      .map((line) => line.split(': ')),
  );
  check('Procfile: the release migrates, the web process serves', () => {
    claim(launches(processes.release, 'migrate'), 'the release migrates');
    claim(launches(processes.web, 'serve'), 'the web process serves');
    claim(
      Object.keys(app.formation).every((name) => name in processes),
      'formation has no other',
    );
    claim(app.addons[0].as === 'DATABASE', 'the add-on sets DATABASE_URL');
  });
  check(
    'app.json: each variable is described, and has a value, a generator or is asked for',
    () => {
      for (const [name, { description, value, generator }] of Object.entries(app.env)) {
        claim(description, `${name} is described`);
        claim(value === undefined || generator === undefined, `${name} has one value`);
        claim(generator === undefined || name in SECRETS, `${name} is a secret`);
      }
    },
  );
  const values = Object.entries(app.env).map(([name, { value }]) => [name, value ?? 'filled in']);
  const variables = {
    ...Object.fromEntries(values),
    PUBLIC_URL: 'https://go.example.com',
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing',
  };
  checkVariables('app.json', variables);
  const isAlive = await runs(processes.web, { ...completed(variables), PORT: await freePort() });
  check('Procfile: the web process runs with these variables', () => claim(isAlive, 'it answers'));
}

function checkEnvironments() {
  const names = readdirSync(join(deploy, 'env')).map((file) => file.replace('.env.example', ''));
  check('deploy/env has one file for each environment of people', () =>
    claim(names.toSorted().join() === 'development,production,staging', names.join()),
  );
  for (const name of names) {
    const text = read('env', `${name}.env.example`);
    check(`${name}.env.example is a configuration of ${name}`, () => {
      claim(load(completed(parseEnv(text))).environment.name === name, `NODE_ENV is ${name}`);
      // What is commented out has to be right when somebody takes the comment away.
      load(completed(parseEnv(text.replace(/^# (?=[A-Z_]+=)/gm, ''))));
    });
  }
  check('signpost.env.example is a configuration of production, with what the unit sets', () => {
    const unit = read('systemd', 'signpost.service');
    const set = [...unit.matchAll(/^Environment=([A-Z_]+)=(.*)$/gm)].map(([, ...pair]) => pair);
    const config = load(
      completed({
        ...Object.fromEntries(set),
        ...parseEnv(read('systemd', 'signpost.env.example')),
      }),
    );
    claim(config.environment.name === 'production', 'NODE_ENV is production');
    const [, seconds] = /^TimeoutStopSec=(\d+)s$/m.exec(unit);
    claim(Number(seconds) > config.server.shutdownGraceSeconds, 'it may drain');
  });
}

/** What docs/operate.md tells to copy or to run is there. */
function checkDocumentation() {
  check('docs/operate.md: what it names below deploy/ is there, and all of it is named', () => {
    const text = readFileSync(join(root, 'docs/operate.md'), 'utf8');
    const named = new Set(text.match(/(?<!test\/)\bdeploy\/[\w./-]*\w/g));
    claim(named.size > 5, 'it names files');
    for (const path of named) claim(existsSync(join(root, path)), `${path} is there`);
    for (const folder of readdirSync(deploy)) {
      const isNamed = [...named].some((path) => path.startsWith(`deploy/${folder}`));
      claim(isNamed, `deploy/${folder} is named`);
    }
  });
}

await checkFly();
await checkRender();
await checkRailway();
await checkHeroku();
checkEnvironments();
checkDocumentation();
process.exitCode = failures > 0 ? 1 : 0;
