import { createHash } from 'node:crypto';
import { Account, Visits, claim, claimEachOnce, request, run, until } from '../support.js';
import { Database } from './database.js';
import { Environment } from './environment.js';

/** Staging as it is deployed, while links are followed and things break. */
const CALM_RATE = 100;
const RATE = 500;
const VISITS_OF_A_ROLLOUT = 30_000;
/** Three failures of the liveness probe would have ended the pods by then. */
const OUTAGE_SECONDS = 45;

const staging = new Environment('staging');
const database = new Database('staging');
let link;

async function main() {
  await staging.makeSecret(await database.start());
  await staging.rollout('migrate');
  claim(true, 'the migration runs as a job, before the rollout');
  await staging.rollout('rollout');
  await staging.ready(2);
  claim(true, 'the autoscaler makes two pods of it, which get ready');
  const origin = await staging.origin();
  link = `${origin}/staging`;
  const account = await new Account(origin).register(staging.secrets['setup-token']);
  await account.shorten('staging', 'https://example.com/landing');
  const { headers } = await request(link);
  claim(headers.location === 'https://example.com/landing', 'a link redirects');
  await showsMetrics(origin);
  await databaseIsAway();
  await rollsUnderLoad();
  await rollsBack();
  await podsGoWithTheirSpools();
  await containerIsKilled();
  await scalesDown();
}

async function showsMetrics(origin) {
  claim((await request(`${origin}/metrics`)).status === 404, 'the metrics are not public');
  const [{ ip }] = await staging.pods();
  const authorization = `Bearer ${staging.secrets['metrics-token']}`;
  const { text } = await request(`http://${ip}:9464/metrics`, { headers: { authorization } });
  claim(/^signpost_redirects_total/m.test(text), 'but at their port, with the token');
}

async function databaseIsAway() {
  const visits = new Visits(link, CALM_RATE);
  await visits.redirects(500);
  const pods = await askEachPod();
  await database.goesAway();
  for (let second = 0; second < OUTAGE_SECONDS; second += 5) {
    for (const { ip } of pods) {
      const { status } = await request(`http://${ip}:3000/health/live`);
      if (status !== 200) throw new Error(`liveness is ${status} while the database is away`);
    }
    await visits.redirects(5 * CALM_RATE);
  }
  await database.comesBack();
  await visits.stop();
  claim((await restarts()) === 0, `database away for ${OUTAGE_SECONDS} s: live, no restart`);
  await claimNoneFailed('meanwhile', visits);
}

/**
 * Without the database a pod redirects the links that it was asked for before. Kept connections may all have led
 * to one of the pods, until a moment in which another connection is needed.
 */
async function askEachPod() {
  const pods = await staging.pods();
  for (const { ip } of pods) {
    const { status } = await request(`http://${ip}:3000${new URL(link).pathname}`);
    if (status !== 302) throw new Error(`a pod answers ${status} while all is well`);
  }
  return pods;
}

async function rollsUnderLoad() {
  const visits = new Visits(link, RATE);
  await visits.redirects(RATE);
  await staging.kubectl('rollout', 'restart', 'statefulset/signpost');
  await staging.kubectl('rollout', 'status', 'statefulset/signpost', '--timeout', '5m');
  await visits.redirects(Math.max(RATE, VISITS_OF_A_ROLLOUT - visits.answered.size));
  await visits.stop();
  await claimNoneFailed('rolling update', visits);
}

async function rollsBack() {
  const visits = new Visits(link, CALM_RATE);
  const DIGEST = `sha256:${createHash('sha256').update('nowhere').digest('hex')}`;
  const rollout = staging.rollout('rollout', { DIGEST, WITHIN: '20s' });
  const failure = await rollout.catch(({ message }) => message);
  claim(/timed out/.test(failure), 'a rollout of an image that is nowhere fails', failure);
  await staging.rollout('rollback');
  await staging.ready(2);
  await visits.stop();
  await claimNoneFailed('and is rolled back', visits);
}

async function podsGoWithTheirSpools() {
  const visits = new Visits(link, CALM_RATE);
  await visits.redirects(500);
  await askEachPod();
  await database.goesAway();
  await visits.redirects(500);
  await visits.stop();
  await staging.deletePods();
  await database.comesBack();
  await claimNoneFailed('all pods are deleted with clicks in their spools', visits);
  await staging.ready(2);
}

/** Who is on a connection to it then is not answered. */
async function containerIsKilled() {
  const { CONTAINERD } = process.env;
  if (!CONTAINERD) return console.log('  skipped: kill -9 of a container needs its node');
  const visits = new Visits(link, CALM_RATE);
  await visits.redirects(500);
  const [{ containerID }] = await staging.pods();
  const id = containerID.replace('containerd://', '');
  await run('ctr', ['-a', CONTAINERD, '-n', 'k8s.io', 'task', 'kill', '-s', 'SIGKILL', id]);
  await until('it is started again', async () => (await restarts()) === 1);
  await staging.ready(2);
  await visits.redirects(500);
  await visits.stop();
  const { size } = visits.failed;
  claim(size < CALM_RATE, `kill -9 of a container: ${size} visits fail`, visits.failures);
  await claimEachOnce(database.query, visits);
}

async function scalesDown() {
  const visits = new Visits(link, CALM_RATE);
  await staging.kubectl('scale', 'statefulset/signpost', '--replicas', '3');
  await staging.ready(3);
  await visits.redirects(500);
  await staging.kubectl('scale', 'statefulset/signpost', '--replicas', '2');
  await staging.kubectl('wait', '--for=delete', 'pod/signpost-2', '--timeout', '90s');
  await visits.redirects(500);
  await visits.stop();
  await claimNoneFailed('a third pod comes and goes', visits);
  const { status } = await staging.get('pvc', 'data-signpost-2');
  claim(status.phase === 'Bound', 'and its volume stays');
}

async function claimNoneFailed(what, visits) {
  const { size } = visits.failed;
  const all = visits.answered.size + size;
  claim(size === 0, `${what}: 0 of ${all} visits fail`, `${size}: ${visits.failures}`);
  await claimEachOnce(database.query, visits);
}

async function restarts() {
  return (await staging.pods()).reduce((sum, { restartCount }) => sum + restartCount, 0);
}

try {
  await main();
} catch (error) {
  console.error(error.message);
  console.error(await staging.troubles());
  process.exitCode = 1;
} finally {
  await staging.remove();
  await database.remove();
}
