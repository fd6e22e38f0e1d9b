/** Lets a limited number through at a time, in the order they came. */
export class Semaphore {
  private readonly waiting = new Set<() => void>();

  constructor(private free: number) {}

  /**
   * Waits for its turn; call the returned function to let the next one in.
   * @returns undefined if it did not come within `waitMs`.
   */
  async acquire(waitMs: number): Promise<(() => void) | undefined> {
    if (this.free > 0) {
      this.free -= 1;
      return this.release;
    }
    return new Promise((resolve) => {
      const proceed = () => {
        clearTimeout(timer);
        resolve(this.release);
      };
      const timer = setTimeout(
        () => {
          this.waiting.delete(proceed);
          resolve(undefined);
        },
        Math.max(0, waitMs),
      );
      this.waiting.add(proceed);
    });
  }

  private readonly release = (): void => {
    const [next] = this.waiting;
    if (!next) {
      this.free += 1;
      return;
    }
    this.waiting.delete(next);
    next();
  };
}
