import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { claim } from './support.js';

/** What alerts, dashboard and documentation have to say of each other. */
const root = join(import.meta.dirname, '../..');
const shipped = join(root, 'deploy/monitoring');
const METRIC = /\bsignpost_[a-z_]+/g;
/** Of a histogram. */
const PART = /_(bucket|count|sum)$/;

const rules = parse(readFileSync(join(shipped, 'alerts.yml'), 'utf8'));
/** The rules of alerts.yml. */
export const alerts = rules.groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(readFileSync(join(shipped, 'dashboard.json'), 'utf8'));
/** Those of the dashboard that show something. */
export const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const manual = readFileSync(join(root, 'docs/operate.md'), 'utf8');

export function claimFilesAgree() {
  alertsAreExplained();
  kubernetesHasTheSameAlerts();
  dashboardIsExplained();
}

/**
 * The table of docs/operate.md has what the service tells, all of it and nothing else.
 * @param text of /metrics
 */
export function claimMetricsAreExplained(text) {
  const told = [...text.matchAll(/^# TYPE (signpost_\w+) /gm)].map(([, name]) => name);
  const explained = [...manual.matchAll(/^\| `(signpost_\w+)/gm)].map(([, name]) => name);
  const differing = [...told, ...explained].filter(
    (name) => !told.includes(name) || !explained.includes(name),
  );
  const isSame = differing.length === 0 && explained.length === told.length;
  claim(isSame, `docs/operate.md explains each of ${told.length} metrics once`, differing);
  const asked = alerts.flatMap(({ expr }) => expr.match(METRIC) ?? []);
  const unknown = asked.filter((name) => !told.includes(name.replace(PART, '')));
  claim(unknown.length === 0, 'alerts ask for metrics that are there', unknown);
}

function alertsAreExplained() {
  const { tests } = parse(readFileSync(join(shipped, 'alerts.test.yml'), 'utf8'));
  const fired = tests
    .flatMap((test) => test.promql_expr_test)
    .filter(({ exp_samples: samples }) => samples.length > 0)
    .map(({ expr }) => expr);
  for (const { alert, labels, annotations } of alerts) {
    const runbook = `docs/operate.md#${alert.toLowerCase()}`;
    const isComplete =
      ['page', 'ticket'].includes(labels.severity) &&
      annotations.summary &&
      annotations.description &&
      annotations.runbook_url === runbook;
    if (!isComplete) claim(false, `${alert} has a severity, a summary, a description, ${runbook}`);
    if (!manual.includes(`\n### ${alert}\n`))
      claim(false, `docs/operate.md has a runbook of ${alert}`);
    if (!fired.some((expr) => expr.includes(`"${alert}"`)))
      claim(false, `a test sees ${alert} fire`);
  }
  const runbooks = manual.match(/^### Signpost\w+$/gm) ?? [];
  claim(
    runbooks.length === alerts.length,
    'each alert has a runbook and a test, and no other',
    runbooks,
  );
}

/** Where it is copied to, it has to be the same. */
function kubernetesHasTheSameAlerts() {
  const folder = join(root, 'k8s/components/monitoring');
  const files = existsSync(folder)
    ? readdirSync(folder).filter((name) => name.endsWith('.yaml'))
    : [];
  for (const name of files) {
    const manifest = parse(readFileSync(join(folder, name), 'utf8'));
    if (manifest.kind !== 'PrometheusRule') continue;
    claim(
      isDeepStrictEqual(manifest.spec.groups, rules.groups),
      `k8s/components/monitoring/${name} has the alerts`,
    );
  }
}

function dashboardIsExplained() {
  for (const { title, description, fieldConfig, datasource, targets } of panels) {
    const isComplete = title && description && fieldConfig.defaults.unit && targets.length > 0;
    if (!isComplete) claim(false, `the panel ${title} has a description and a unit`);
    const sources = [datasource, ...targets.map((target) => target.datasource)];
    if (!sources.every(({ uid }) => uid === '${datasource}'))
      claim(false, `${title} asks $datasource`);
  }
  const ids = new Set(dashboard.panels.map(({ id }) => id));
  claim(
    ids.size === dashboard.panels.length,
    'each panel has a description, a unit and an id of its own',
  );
}
