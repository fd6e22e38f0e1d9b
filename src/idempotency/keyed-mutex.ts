/**
 * Lets one request of each key through at a time. Those who wait hold no database connection:
 * a burst of retries must not use up the pool, and the embedded database has but one session.
 */
export class KeyedMutex {
  private readonly held = new Map<string, Promise<void>>();

  /**
   * Waits until nobody holds the key and holds it; call the returned function to release it.
   * @returns undefined if it was still held after `waitMs`.
   */
  async acquire(key: string, waitMs: number): Promise<(() => void) | undefined> {
    const deadline = performance.now() + waitMs;
    for (let holder = this.held.get(key); holder; holder = this.held.get(key)) {
      if (!(await settlesWithin(holder, deadline - performance.now()))) return undefined;
    }
    let release!: () => void;
    this.held.set(key, new Promise((resolve) => (release = resolve)));
    return () => {
      this.held.delete(key);
      release();
    };
  }
}

async function settlesWithin(promise: Promise<void>, milliseconds: number): Promise<boolean> {
  if (milliseconds <= 0) return false;
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  try {
    return await Promise.race([promise.then(() => true), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
