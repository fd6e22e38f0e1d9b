import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { alerts, claimFilesAgree, claimMetricsAreExplained, panels } from './monitoring.js';
import { Account, Visits, claim, directory, request, run, skip, until } from './support.js';

/**
 * deploy/monitoring with a real Prometheus that scrapes a real service: promtool tests the rules, every
 * expression of the dashboard has data, no alert fires while all is well, and one does when it is not.
 */
const root = join(import.meta.dirname, '../..');
const shipped = join(root, 'deploy/monitoring');
const home = mkdtempSync(join(directory, 'monitoring-'));
const METRICS_TOKEN = randomBytes(24).toString('hex');
/** Prometheus looks each second, so that the check need not take minutes. */
const INTERVAL = '1s';
const VARIABLES = {
  $__rate_interval: '10s',
  $__range: '60s',
  $job: 'signpost',
  $instance: '.*',
};
const children = [];

async function main() {
  const tools = await installPrometheus();
  await promtoolAgrees(tools);
  claimFilesAgree();
  await run('npm', ['run', '--silent', 'build']);
  const service = await startService();
  const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
  claimMetricsAreExplained((await request(`${service.origin}/metrics`, { headers })).text);
  const prometheus = await startPrometheus(tools, service.origin);
  await until('the first scrape', async () => (await prometheus.query('up == 1')).length > 0);
  const traffic = await makeTraffic(service.origin);
  await everyTargetIsUp(prometheus);
  await everyPanelHasData(prometheus);
  await everyRuleIsHealthyAndSilent(prometheus);
  await traffic.stop();
  service.process.kill('SIGTERM');
  await theEndIsNoticed(prometheus);
}

/** Unpacked into the cache: to install the package would start a daemon. */
async function installPrometheus() {
  const cache = process.env['CHECK_CACHE'];
  const target = join(cache, 'prometheus');
  const tools = join(target, 'usr/bin');
  if (existsSync(tools)) return tools;
  if (process.getuid() !== 0 || !existsSync('/etc/debian_version')) {
    skip('Prometheus comes from the packages of Debian, which needs root on Debian');
  }
  const downloads = mkdtempSync(join(cache, 'prometheus-'));
  const shell = (command) => run('sh', ['-c', `cd '${downloads}' && ${command}`]);
  const download = 'apt-get download -qq prometheus';
  try {
    await shell(`${download} || { apt-get update -qq && ${download}; }`);
    await shell('dpkg -x prometheus_*.deb all');
    renameSync(join(downloads, 'all'), target);
  } finally {
    rmSync(downloads, { recursive: true });
  }
  return tools;
}

async function promtoolAgrees(tools) {
  for (const name of readdirSync(shipped)) copyFileSync(join(shipped, name), join(home, name));
  writeFileSync(join(home, 'metrics-token'), METRICS_TOKEN);
  await run(join(tools, 'promtool'), ['check', 'config', join(home, 'prometheus.yml')]);
  await run(join(tools, 'promtool'), ['test', 'rules', join(home, 'alerts.test.yml')]);
  claim(true, `promtool agrees with ${alerts.length} alerts and their tests`);
}

async function startService() {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const env = {
    PATH: process.env['PATH'],
    NODE_ENV: 'development',
    HOST: '127.0.0.1',
    PORT: port,
    DATA_DIR: join(home, 'data'),
    BCRYPT_COST: '4',
    LOG_FORMAT: 'json',
    METRICS_TOKEN,
  };
  const child = start(process.execPath, [join(root, 'bin/signpost.js'), 'serve'], {
    env,
    cwd: home,
  });
  await until(
    'the service is ready',
    async () => (await request(`${origin}/health/ready`)).status === 200,
  );
  return { origin, process: child };
}

async function startPrometheus(tools, origin) {
  const port = await freePort();
  const config = readFileSync(join(shipped, 'prometheus.yml'), 'utf8')
    .replace('127.0.0.1:3000', new URL(origin).host)
    .replaceAll(/_interval: 15s/g, `_interval: ${INTERVAL}`);
  writeFileSync(join(home, 'prometheus.yml'), config);
  start(join(tools, 'prometheus'), [
    `--config.file=${join(home, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(home, 'tsdb')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  const api = async (path) => {
    const { status, json } = await request(`http://127.0.0.1:${port}/api/v1/${path}`);
    if (status !== 200 || json.status !== 'success')
      throw new Error(`${path}: ${JSON.stringify(json)}`);
    return json.data;
  };
  await until('Prometheus answers', () => api('status/buildinfo'));
  return {
    api,
    query: async (expr) => (await api(`query?query=${encodeURIComponent(expr)}`)).result,
  };
}

/** Visitors of a link and of none, and people who use the API, until they are stopped. */
async function makeTraffic(origin) {
  const account = await new Account(origin).register();
  await account.shorten('monitored');
  const visits = [new Visits(`${origin}/monitored`, 20), new Visits(`${origin}/nobody-knows`, 5)];
  const stopping = new AbortController();
  const work = (async () => {
    while (!stopping.signal.aborted) {
      await account.send('GET', '/links');
      await sleep(200);
    }
  })();
  const stop = async () => {
    stopping.abort();
    await Promise.all([work, ...visits.map((visitors) => visitors.stop())]);
  };
  await visits[0].redirects(300);
  return { stop };
}

async function everyTargetIsUp(prometheus) {
  const { activeTargets } = await prometheus.api('targets');
  const ups = activeTargets.filter(({ health }) => health === 'up');
  claim(ups.length === 1 && activeTargets.length === 1, 'every target is up');
}

async function everyPanelHasData(prometheus) {
  const questions = panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({ title, expr })),
  );
  for (const { title, expr } of questions) {
    const query = Object.entries(VARIABLES).reduce(
      (text, [name, value]) => text.replaceAll(name, value),
      expr,
    );
    const hasData = async () => {
      const result = await prometheus.query(query);
      return result.length > 0 && result.every(({ value }) => Number.isFinite(Number(value[1])));
    };
    await until(`data for the panel "${title}": ${query}`, hasData, 30);
  }
  claim(true, `all ${questions.length} expressions of ${panels.length} panels have data`);
  const moving = [
    'signpost_redirects_total{outcome="redirect"}',
    'signpost_redirects_total{outcome="not_found"}',
    'signpost_api_requests_total{status="200"}',
    'signpost_clicks_recorded_total',
    'signpost_clicks_ingested_total',
    'signpost_link_lookups_total{result="hits"}',
    'process_cpu_seconds_total',
  ];
  for (const name of moving) {
    await until(
      `${name} grows`,
      async () => (await prometheus.query(`rate(${name}[10s]) > 0`)).length > 0,
    );
  }
  claim(true, 'traffic is seen in them');
}

async function everyRuleIsHealthyAndSilent(prometheus) {
  const known = async () => (await prometheus.api('rules')).groups.flatMap((group) => group.rules);
  const evaluated = await until('every rule is evaluated', async () => {
    const all = await known();
    return all.every(({ health }) => health !== 'unknown') && all;
  });
  const failed = evaluated
    .filter(({ health }) => health !== 'ok')
    .map(({ name, lastError }) => name + lastError);
  claim(
    evaluated.length === alerts.length && failed.length === 0,
    'every rule is evaluated without error',
    failed,
  );
  const firing = (await prometheus.query('ALERTS{alertstate="firing"}')).map(
    ({ metric }) => metric.alertname,
  );
  claim(firing.length === 0, 'no alert fires while all is well', firing);
}

async function theEndIsNoticed(prometheus) {
  for (const alert of ['SignpostDown', 'SignpostInstanceDown']) {
    const isPending = async () => {
      const { alerts: active } = await prometheus.api('alerts');
      return active.find(({ labels }) => labels.alertname === alert);
    };
    const { annotations } = await until(`${alert} is pending`, isPending);
    claim(
      annotations.description.includes('signpost'),
      `${alert} is pending when the service is gone`,
    );
  }
}

function start(program, args, options) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const log = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => log.push(text));
  children.push({ program, child, log });
  return child;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return String(port);
}

try {
  await main();
} catch (error) {
  console.log(error.message);
  for (const { program, log } of children)
    console.log(`-- ${program}\n${log.join('').slice(-1_500)}`);
  process.exitCode = 1;
} finally {
  for (const { child } of children) child.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
}
