import { claim, run, words } from '../support.js';
import { kubectl, kubectlWith } from './kubectl.js';

/** Every overlay is accepted by the API server as it is, in its namespace, which refuses what is not restricted. */
const NOT_RESTRICTED = `
apiVersion: v1
kind: Pod
metadata: { name: open, namespace: signpost-staging }
spec: { containers: [{ name: open, image: signpost }] }`;

/** Stores nothing. A warning is an error: of what makes pods, Pod Security only warns. */
const tryOut = (manifest) =>
  kubectlWith(
    manifest,
    'apply',
    ...words('--server-side --dry-run=server --warnings-as-errors -f -'),
  );

async function claimRefusal(what, manifest, reason) {
  const answer = await tryOut(manifest).catch(({ message }) => message);
  claim(answer.includes(reason), what, answer);
}

await kubectl('apply', '-f', 'k8s/namespaces.yaml');
for (const overlay of ['development', 'staging', 'production']) {
  const manifest = await run('kubectl', ['kustomize', `k8s/overlays/${overlay}`]);
  await tryOut(manifest);
  claim(true, `the API server accepts ${overlay}`);
  const misspelt = manifest.replace('terminationGracePeriodSeconds', 'terminationGraceSeconds');
  await claimRefusal('and refuses a misspelt field', misspelt, 'field not declared in schema');
  const open = manifest.replace('runAsNonRoot: true', 'runAsNonRoot: false');
  await claimRefusal('and warns of pods that are not restricted', open, 'PodSecurity "restricted');
}
await claimRefusal('and refuses one by itself', NOT_RESTRICTED, 'violates PodSecurity');
