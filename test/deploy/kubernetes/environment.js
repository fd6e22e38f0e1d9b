import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { directory, randomSecret, run, until } from '../support.js';
import { kubectl, kubectlWith } from './kubectl.js';

const SERVERS = ['-l', 'app.kubernetes.io/component=server'];
const [image, digest] = process.env['IMAGE'].split('@');

/** What an overlay of k8s/ makes in its namespace, by deploy/ci/rollout.sh. */
export class Environment {
  secrets = {
    'jwt-secret': randomSecret(),
    'setup-token': randomSecret(),
    'metrics-token': randomSecret(),
  };

  constructor(name) {
    this.name = name;
    this.namespace = `signpost-${name}`;
    this.kubeconfig = join(directory, `kubeconfig-of-${name}`);
  }

  kubectl(...args) {
    return kubectl('-n', this.namespace, ...args);
  }

  async makeSecret(databaseUrl) {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'signpost', namespace: this.namespace },
      stringData: { 'database-url': databaseUrl, ...this.secrets },
    };
    await kubectlWith(JSON.stringify(secret), 'apply', '-f', '-');
  }

  /** @param step migrate, rollout or rollback, with other variables if need be */
  async rollout(step, changes = {}) {
    const own = { ENVIRONMENT: this.name, IMAGE: image, DIGEST: digest };
    // One that names the namespace, as rollout.sh asks for.
    const kubeconfig = await kubectl('config', 'view', '--raw', '--flatten', '--minify');
    writeFileSync(this.kubeconfig, kubeconfig, { mode: 0o600 });
    const set = ['config', 'set-context', '--current', '--namespace', this.namespace];
    await kubectl('--kubeconfig', this.kubeconfig, ...set);
    const env = { ...process.env, ...own, ...changes, KUBECONFIG: this.kubeconfig };
    return await run('deploy/ci/rollout.sh', [step], { env });
  }

  /** The address of the Service. */
  async origin() {
    const { spec } = await this.get('service', 'signpost');
    return `http://${spec.clusterIP}`;
  }

  async get(...args) {
    return JSON.parse(await this.kubectl('get', ...args, '-o', 'json'));
  }

  /** Waits until there are so many pods that get visitors. */
  ready(count) {
    const are = async () => (await this.pods()).length === count;
    return until(`${count} pods are ready`, are, 120);
  }

  /** The pods that get visitors. */
  async pods() {
    const { items } = await this.get('pods', ...SERVERS);
    return items
      .filter(({ metadata }) => !metadata.deletionTimestamp)
      .filter(({ status }) => status.containerStatuses?.[0].ready)
      .map(({ metadata: { name }, status }) => {
        const [{ containerID, restartCount }] = status.containerStatuses;
        return { name, ip: status.podIP, containerID, restartCount };
      });
  }

  deletePods() {
    return this.kubectl('delete', 'pod', ...SERVERS);
  }

  async troubles() {
    const asked = [
      this.kubectl('get', 'all,pvc,events'),
      this.kubectl('logs', ...SERVERS, '--tail', '20', '--prefix'),
    ];
    return (await Promise.allSettled(asked)).map(({ value }) => value).join('\n');
  }

  remove() {
    return kubectl('delete', 'namespace', this.namespace, '--ignore-not-found', '--timeout', '2m');
  }
}
