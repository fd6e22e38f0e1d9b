import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { TemporaryDirectory } from './temporary-directory.js';

const BLOCK = Buffer.alloc(4_096, 'x');
const REFILL_MS = 10;

/** A disk of a few megabytes, which can be filled and made read-only. Needs root on Linux. */
export class SmallDisk {
  private readonly directory = new TemporaryDirectory();
  readonly path = join(this.directory.path, TemporaryDirectory.MOUNT);
  private refilling: NodeJS.Timeout | undefined;

  private constructor() {}

  /** Why there can be none here; undefined if there can. */
  static whyNot(): string | undefined {
    try {
      SmallDisk.mount(1).remove();
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  static mount(megabytes: number): SmallDisk {
    const disk = new SmallDisk();
    try {
      mkdirSync(disk.path);
      run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', disk.path);
      return disk;
    } catch (error) {
      disk.directory.remove();
      throw error;
    }
  }

  /** Takes all room, also what is given back later, until `makeRoom`. */
  fill(): void {
    this.takeRest();
    this.refilling = setInterval(() => this.takeRest(), REFILL_MS);
  }

  makeRoom(): void {
    clearInterval(this.refilling);
    rmSync(this.filler, { force: true });
  }

  /** Fails while a file is open for writing. */
  makeReadOnly(): void {
    run('mount', '-o', 'remount,ro', this.path);
  }

  makeWritable(): void {
    run('mount', '-o', 'remount,rw', this.path);
  }

  remove(): void {
    clearInterval(this.refilling);
    run('umount', '-l', this.path);
    this.directory.remove();
  }

  private get filler(): string {
    return join(this.path, 'filler');
  }

  private takeRest(): void {
    const fd = openSync(this.filler, 'a');
    try {
      while (writeSync(fd, BLOCK) > 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(fd);
    }
  }
}

function run(command: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error((error?.message ?? stderr).trim());
}
