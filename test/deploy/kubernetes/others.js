import { Account, claim, request, run } from '../support.js';
import { Database } from './database.js';
import { Environment } from './environment.js';
import { kubectlWith } from './kubectl.js';

/** The overlays that nothing is broken in: each starts, and redirects. */
async function redirects(environment, setupToken) {
  const origin = await environment.origin();
  const account = await new Account(origin).register(setupToken);
  await account.shorten('first', 'https://example.com/landing');
  const { headers } = await request(`${origin}/first`);
  claim(headers.location === 'https://example.com/landing', `${environment.name} redirects`);
}

async function develop(environment) {
  const manifest = await run('kubectl', ['kustomize', 'k8s/overlays/development']);
  const image = `image: ${process.env['IMAGE']}`;
  await kubectlWith(manifest.replace('image: signpost:development', image), 'apply', '-f', '-');
  await environment.ready(1);
  await redirects(environment);
}

async function produce(environment, database) {
  await environment.makeSecret(await database.start());
  await environment.rollout('migrate');
  await environment.rollout('rollout');
  await environment.ready(2);
  await redirects(environment, environment.secrets['setup-token']);
}

const development = new Environment('development');
const production = new Environment('production');
const database = new Database('production');
let current = development;
try {
  await develop(development);
  await development.remove();
  current = production;
  await produce(production, database);
} catch (error) {
  console.error(error.message);
  console.error(await current.troubles());
  process.exitCode = 1;
} finally {
  await development.remove();
  await production.remove();
  await database.remove();
}
