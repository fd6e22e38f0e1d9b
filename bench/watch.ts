import { setTimeout as sleep } from 'node:timers/promises';

/** Looks at something at once and again and again while the work goes on; returns what came of both. */
export async function watch<T, Seen>(
  work: Promise<T>,
  everyMs: number,
  look: () => Seen | Promise<Seen>,
): Promise<[T, Seen[]]> {
  const seen: Seen[] = [];
  const over = new AbortController();
  const { signal } = over;
  const keepLooking = async (): Promise<void> => {
    while (!signal.aborted) {
      seen.push(await look());
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    }
  };
  const [result] = await Promise.all([work.finally(() => over.abort()), keepLooking()]);
  return [result, seen];
}
