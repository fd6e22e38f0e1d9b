import { setImmediate } from 'node:timers/promises';

/** Splits long work on a thread, so that others on it get their turn in between. */
export class Turns {
  private done = 0;

  /** @param share how much is done before others get their turn, in whatever work is measured in */
  constructor(private readonly share: number) {}

  /** To be awaited when some work is done, while more is to come. */
  async after(work: number): Promise<void> {
    this.done += work;
    if (this.done < this.share) return;
    this.done = 0;
    await setImmediate();
  }
}
