import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Waits for the end of its input: the test run has cleaned up, or has died. */
const GUARD = `
trap '' INT TERM HUP
cat > /dev/null
[ -d "$0" ] || exit 0
for file in "$0"/*.pid; do
  [ -f "$file" ] && read -r pid signal < "$file" && kill -s "$signal" "$pid" 2> /dev/null
done
sleep 1
[ -d "$0/disk" ] && umount -l "$0/disk" 2> /dev/null
rm -rf "$0"`;

/**
 * A directory for what a test starts and writes. It is removed, and the processes noted in it are
 * ended, also when the test run is interrupted or killed before it comes to that itself.
 */
export class TemporaryDirectory {
  /** What is mounted here is unmounted then, too. */
  static readonly MOUNT = 'disk';
  private readonly guard: ChildProcess | undefined;

  constructor(readonly path: string = mkdtempSync(join(reachableTemp(), 'signpost-test-'))) {
    if (process.platform === 'win32') return;
    this.guard = spawn('/bin/sh', ['-c', GUARD, path], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.guard.unref();
    (this.guard.stdin as unknown as { unref(): void }).unref();
  }

  /** The process is sent the signal should the directory not be removed before the run ends. */
  note(name: string, pid: number, signal: 'KILL' | 'QUIT'): void {
    writeFileSync(join(this.path, `${name}.pid`), `${pid} ${signal}\n`);
  }

  /** The process has ended: its number may soon be somebody else's. */
  forget(name: string): void {
    rmSync(join(this.path, `${name}.pid`), { force: true });
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    this.guard?.stdin?.end();
  }
}

/** Where a process of another user can get at, too: PostgreSQL does not run as root. */
export function reachableTemp(): string {
  return [tmpdir(), '/tmp', '/var/tmp'].find(isReachable) ?? tmpdir();
}

function isReachable(directory: string): boolean {
  const mode = statSync(directory, { throwIfNoEntry: false })?.mode;
  if (mode === undefined || (process.platform !== 'win32' && (mode & 0o001) === 0)) return false;
  return dirname(directory) === directory || isReachable(dirname(directory));
}
