import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IMAGE, buildImage, nginx, postgres, queryIn } from './containers.js';
import { Account, directory, docker, inspect, run, skip, until } from './support.js';

const HTTP_PORT = '18080';
const HTTPS_PORT = '18443';
const UP_SECONDS = '180';

/** The whole of docker/compose.yaml as an operator brings it up, with secrets made by docker/secrets.sh. */
export class Stack {
  origin = `https://127.0.0.1:${HTTPS_PORT}`;
  plainOrigin = `http://127.0.0.1:${HTTP_PORT}`;
  query = queryIn('signpost-database-1');
  files = ['compose.yaml'];

  /** @param name of a copy of docker/, so that no secret is made in the tree */
  constructor(name) {
    this.home = join(directory, name, 'docker');
    cpSync('docker', this.home, { recursive: true });
    this.environment = { ...process.env, HTTP_PORT, HTTPS_PORT, SIGNPOST_IMAGE: IMAGE };
  }

  async compose(...args) {
    this.program ??= await composeProgram();
    const files = this.files.flatMap((name) => ['--file', join(this.home, name)]);
    const all = ['--project-directory', this.home, ...files, ...args];
    return await run(this.program, all, { env: this.environment });
  }

  /** @returns the administrator, if there is nobody yet */
  async up() {
    await buildImage();
    await postgres();
    await nginx();
    await run(join(this.home, 'secrets.sh'), []);
    await this.start();
    const token = readFileSync(join(this.home, 'secrets', 'setup_token'), 'utf8').trim();
    return await new Account(this.origin).register(token);
  }

  /** Without names all of it; waits until it is healthy. */
  start(...args) {
    const wait = ['--wait', '--wait-timeout', UP_SECONDS];
    return this.compose('up', '--detach', '--no-build', '--pull', 'never', ...wait, ...args);
  }

  /** As a crash: the engine is not asked, so it starts the container again. */
  async crash(service) {
    const container = `signpost-${service}-1`;
    const started = () => inspect(container, '{{.State.StartedAt}}');
    const before = await started();
    process.kill(Number(await inspect(container, '{{.State.Pid}}')), 'SIGKILL');
    await until(`${service} is started again`, async () => (await started()) !== before);
    const health = () => inspect(container, '{{.State.Health.Status}}');
    await until(`${service} is healthy`, async () => (await health()) === 'healthy', 120);
  }

  logs(service) {
    return docker('logs', `signpost-${service}-1`);
  }

  /** What an operator would look at. */
  async troubles() {
    const asked = [
      this.compose('ps', '--all'),
      this.compose('logs', '--tail', '30', 'nginx', 'app-1'),
    ];
    return (await Promise.allSettled(asked)).map(({ value }) => value).join('\n');
  }

  down() {
    return this.compose('down', '--volumes', '--timeout', '40');
  }
}

async function composeProgram() {
  try {
    return await run('test/deploy/compose-program.sh', []);
  } catch (error) {
    if (/exit code 77/.test(error.message)) skip(error.message.split('\n').at(-1));
    throw error;
  }
}
