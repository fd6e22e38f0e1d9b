/** Lets a limited number through at a time, in the order they came. */
export class Slots {
  private readonly waiting = new Set<() => void>();

  constructor(private free: number) {}

  /**
   * Takes a slot as soon as one is free; call the returned function to give it back.
   * @returns undefined if none became free within `waitMs`.
   */
  async take(waitMs: number): Promise<(() => void) | undefined> {
    if (this.free > 0) {
      this.free -= 1;
      return this.giveBack;
    }
    return new Promise((resolve) => {
      const proceed = () => {
        clearTimeout(timer);
        resolve(this.giveBack);
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

  private readonly giveBack = (): void => {
    const [next] = this.waiting;
    if (!next) {
      this.free += 1;
      return;
    }
    this.waiting.delete(next);
    next();
  };
}
