import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

/** Prints alerts.yml as the PrometheusRule of the Prometheus operator. */
const { groups } = parse(readFileSync(join(import.meta.dirname, 'alerts.yml'), 'utf8'));
const rule = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'PrometheusRule',
  metadata: { name: 'signpost' },
  spec: { groups },
};
process.stdout.write(
  `# Made of deploy/monitoring/alerts.yml: node deploy/monitoring/prometheus-rule.js\n${stringify(rule)}`,
);
