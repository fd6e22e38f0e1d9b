import { readFileSync } from 'node:fs';
import { watch } from './watch.ts';

const EVERY_MS = 200;

/** Resident memory of a process in bytes. Throws where the system does not tell. */
export function residentBytesOf(pid: number | string): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]) * 1024;
}

/** The most memory that a server has had while something went on: some is given back soon after. */
export class PeakMemory {
  /** Undefined where the system does not tell. */
  bytes: number | undefined;

  constructor(private readonly residentBytes: () => number | undefined) {}

  async during<T>(work: Promise<T>): Promise<T> {
    const [result, seen] = await watch(work, EVERY_MS, this.residentBytes);
    for (const bytes of seen) {
      if (bytes !== undefined) this.bytes = Math.max(this.bytes ?? 0, bytes);
    }
    return result;
  }
}
