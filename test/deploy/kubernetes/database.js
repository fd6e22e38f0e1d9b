import { randomSecret } from '../support.js';
import { kubectl, kubectlWith } from './kubectl.js';

/** PostgreSQL in a namespace of its own, which can be away for a while. */
export class Database {
  constructor(name) {
    this.namespace = `signpost-check-${name}`;
  }

  /** @returns its URL */
  async start() {
    const password = randomSecret();
    await kubectlWith(manifest(this.namespace, password), 'apply', '-f', '-');
    await this.comesBack();
    const service = await this.#kubectl('get', 'service', 'database', '-o', 'json');
    const { spec } = JSON.parse(service);
    return `postgres://signpost:${password}@${spec.clusterIP}:5432/signpost`;
  }

  async goesAway() {
    await this.#kubectl('scale', 'statefulset/database', '--replicas', '0');
    await this.#kubectl('wait', '--for=delete', 'pod/database-0', '--timeout', '90s');
  }

  async comesBack() {
    await this.#kubectl('scale', 'statefulset/database', '--replicas', '1');
    await this.#kubectl('rollout', 'status', 'statefulset/database', '--timeout', '3m');
  }

  /** Runs SQL, and gives the lines of its answer. */
  query = async (sql) => {
    const psql = ['psql', '-U', 'signpost', '-d', 'signpost', '-tAc', sql];
    const lines = await this.#kubectl('exec', 'database-0', '--', ...psql);
    return lines.split('\n').filter(Boolean);
  };

  remove() {
    return kubectl('delete', 'namespace', this.namespace, '--ignore-not-found', '--timeout', '2m');
  }

  #kubectl(...args) {
    return kubectl('-n', this.namespace, ...args);
  }
}

const manifest = (namespace, password) => `
apiVersion: v1
kind: Namespace
metadata: { name: ${namespace} }
---
apiVersion: v1
kind: Secret
metadata: { name: database, namespace: ${namespace} }
stringData: { password: ${password} }
---
apiVersion: v1
kind: Service
metadata: { name: database, namespace: ${namespace} }
spec: { selector: { app: database }, ports: [{ port: 5432 }] }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: database, namespace: ${namespace} }
spec:
  serviceName: database
  selector: { matchLabels: { app: database } }
  template:
    metadata: { labels: { app: database } }
    spec:
      automountServiceAccountToken: false
      securityContext: { runAsUser: 999, runAsGroup: 999, fsGroup: 999, fsGroupChangePolicy: OnRootMismatch }
      containers:
        - name: postgres
          image: ${process.env['POSTGRES']}
          imagePullPolicy: IfNotPresent
          env:
            - { name: POSTGRES_USER, value: signpost }
            - { name: POSTGRES_DB, value: signpost }
            - { name: POSTGRES_PASSWORD_FILE, value: /run/database/password }
            - { name: PGDATA, value: /var/lib/postgresql/data/pgdata }
          readinessProbe:
            exec: { command: [pg_isready, -h, 127.0.0.1, -U, signpost, -d, signpost] }
            periodSeconds: 1
          volumeMounts:
            - { name: data, mountPath: /var/lib/postgresql/data }
            - { name: run, mountPath: /var/run/postgresql }
            - { name: password, mountPath: /run/database }
      volumes:
        - { name: run, emptyDir: {} }
        - { name: password, secret: { secretName: database } }
  volumeClaimTemplates:
    - metadata: { name: data }
      spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
`;
