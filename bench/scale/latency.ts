import { setTimeout as sleep } from 'node:timers/promises';

/** Of one request after another, in milliseconds. */
export interface Latency {
  p50: number;
  p99: number;
}

/** @param everyMs how long after a request the next one comes, at the earliest */
export async function latencyOf(
  requests: number,
  request: (n: number) => Promise<void>,
  everyMs = 0,
): Promise<Latency> {
  const times: number[] = [];
  for (let n = 0; n < requests; n += 1) {
    const startedAt = performance.now();
    await request(n);
    times.push(performance.now() - startedAt);
    if (everyMs > 0) await sleep(everyMs);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.ceil(times.length * share) - 1]!;
  return { p50: at(0.5), p99: at(0.99) };
}
