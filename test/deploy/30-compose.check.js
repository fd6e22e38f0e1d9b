import { Stack } from './stack.js';
import { Visits, claim, claimEachOnce, request, words } from './support.js';

/** Brings the whole of it up with one command, and lets each container crash while links are followed. */
const RATE = 100;
const VISITS_BETWEEN = 300;

const stack = new Stack('compose');

async function main() {
  const account = await stack.up();
  claim(true, 'is up with one command, after its secrets are made');
  await account.shorten('compose', 'https://example.com/landing');
  const answer = await request(`${stack.origin}/compose`);
  claim(
    answer.status === 302 && answer.headers.location === 'https://example.com/landing',
    'redirects',
  );
  const command = '/app/bin/signpost.js user:create --email a@b.example';
  const made = await stack.compose('exec', '-T', 'app-1', ...words(command));
  claim(made.startsWith('Made the account of a@b.example'), 'makes accounts from the shell', made);
  for (const service of ['app-1', 'app-2', 'database', 'nginx']) await crash(service);
  const again = await request(`${stack.origin}/compose`);
  claim(again.status === 302, 'redirects after all of it');
  await stack.down();
  await develop();
}

async function develop() {
  stack.files.push('compose.dev.yaml');
  Object.assign(stack.environment, { PORT: '18300', DATABASE_PORT: '18432' });
  stack.origin = 'http://127.0.0.1:18300';
  const account = await stack.up();
  await account.shorten('dev');
  claim((await request(`${stack.origin}/docs`)).status === 200, 'shows its docs to developers');
}

/**
 * Who is on a connection to nginx when that crashes is not answered, and neither is who comes while it is
 * down. Everybody else is, whatever crashes. A visit that a service has counted but not answered when it
 * crashed is made once more at the other one, hence as many visits may be there twice as were under way.
 */
async function crash(service) {
  const visits = new Visits(`${stack.origin}/compose`, RATE);
  await visits.redirects(VISITS_BETWEEN);
  await stack.crash(service);
  await visits.redirects(VISITS_BETWEEN);
  await visits.stop();
  const { size } = visits.failed;
  claim(
    service === 'nginx' || size === 0,
    `${service} crashes and comes back: ${size} of ${visits.answered.size + size} visits fail`,
    visits.failures,
  );
  await claimEachOnce(stack.query, visits, { doubled: service.startsWith('app') ? 5 : 0 });
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
