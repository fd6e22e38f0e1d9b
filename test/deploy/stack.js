import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IMAGE, buildImage, nginx, postgres, queryIn } from './containers.js';
import { Account, directory, docker, inspect, run, skip, until } from './support.js';

const HTTP_PORT = '18080';
const HTTPS_PORT = '18443';
const UP_SECONDS = 180;

/** The whole of docker/compose.yaml as an operator brings it up, with secrets made by docker/secrets.sh. */
export class Stack {
  origin = `https://127.0.0.1:${HTTPS_PORT}`;
  plainOrigin = `http://127.0.0.1:${HTTP_PORT}`;
  query = queryIn('signpost-database-1');

  /** @param name of a copy of docker/, so that no secret is made in the tree */
  constructor(name) {
    this.home = join(directory, name, 'docker');
    cpSync('docker', this.home, { recursive: true });
    this.environment = { ...process.env, HTTP_PORT, HTTPS_PORT, SIGNPOST_IMAGE: IMAGE };
    this.program = composeProgram();
  }

  compose(...args) {
    const file = ['--project-directory', this.home, '--file', join(this.home, 'compose.yaml')];
    return run(this.program, [...file, ...args], { env: this.environment });
  }

  async up() {
    buildImage();
    postgres();
    nginx();
    run(join(this.home, 'secrets.sh'), []);
    this.compose(
      'up',
      '--detach',
      '--no-build',
      '--pull',
      'never',
      '--wait',
      '--wait-timeout',
      `${UP_SECONDS}`,
    );
    const token = readFileSync(join(this.home, 'secrets', 'setup_token'), 'utf8').trim();
    return await new Account(this.origin).register(token);
  }

  /** As a crash: the engine is not asked, so it starts the container again. */
  async crash(service) {
    const container = `signpost-${service}-1`;
    const started = inspect(container, '{{.State.StartedAt}}');
    process.kill(Number(inspect(container, '{{.State.Pid}}')), 'SIGKILL');
    await until(
      `${service} is started again`,
      () => inspect(container, '{{.State.StartedAt}}') !== started,
    );
    await this.untilHealthy(service);
  }

  async untilHealthy(service) {
    const status = () => inspect(`signpost-${service}-1`, '{{.State.Health.Status}}');
    await until(`${service} is healthy`, () => status() === 'healthy', 120);
  }

  logs(service) {
    return docker('logs', `signpost-${service}-1`);
  }

  down() {
    this.compose('down', '--volumes', '--timeout', '40');
  }
}

function composeProgram() {
  try {
    return run('test/deploy/compose-program.sh', []);
  } catch (error) {
    if (/exit code 77/.test(error.message)) skip(error.message.split('\n').at(-1));
    throw error;
  }
}
