import { readFileSync } from 'node:fs';
import { docker, engine, run, skip, words } from './support.js';

/** The image of this tree, unchanged in how it is made. */
export const IMAGE = 'signpost:check';

if (!engine) skip(process.env['NO_DOCKER'] ?? 'run it by npm run check:deploy');

/** Makes what stands in for a public image, under the name that is written in the file. */
async function standIn(name, file, pattern) {
  const tag = pattern.exec(readFileSync(file, 'utf8'))?.[1];
  if (tag === undefined) throw new Error(`${file} names no image of ${name}`);
  await run('test/deploy/stand-ins/build.sh', [name, tag]);
  return tag;
}

export async function buildImage() {
  await standIn('node', 'docker/Dockerfile', /^ARG NODE_IMAGE=(\S+)/m);
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const args = `--build-arg VERSION=${version} --build-arg REVISION=check --tag ${IMAGE}`;
  await docker('build', ...words(`--network host --file docker/Dockerfile ${args} .`));
  return version;
}

export const postgres = () =>
  standIn('postgres', 'docker/compose.yaml', /image: (docker\.io\/library\/postgres:\S+)/);

export const nginx = () =>
  standIn('nginx', 'docker/compose.yaml', /image: (docker\.io\/library\/nginx:\S+)/);

/** Runs SQL in the database of this container. */
export const queryIn = (container) => async (sql) => {
  const args = ['exec', container, 'psql', '-U', 'signpost', '-d', 'signpost', '-tAc', sql];
  const lines = await docker(...args);
  return lines.split('\n').filter(Boolean);
};
