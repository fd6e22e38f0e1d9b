import { Injectable } from '@nestjs/common';
import type { RedirectTarget } from '../links/links.types.js';
import { RedirectTargetsRepository } from './redirect-targets.repository.js';

interface Queue {
  waiting: { settle: (granted: boolean) => void; fail: (error: unknown) => void }[];
  running: boolean;
}

/**
 * Spends the clicks of links that have a limit, exactly, whichever processes they come through.
 * Visitors who come at the same time share one statement.
 */
@Injectable()
export class ClickBudgetService {
  private readonly queues = new Map<string, Queue>();
  /** By the id of the link: who asks at the same time shares the answer. */
  private readonly asking = new Map<string, Promise<boolean>>();

  constructor(private readonly targets: RedirectTargetsRepository) {}

  /** Whether the limit allows one more click, which then is spent. Rejects if nobody can tell. */
  spend(target: RedirectTarget): Promise<boolean> {
    if (target.spent) return Promise.resolve(false);
    return new Promise((settle, fail) => {
      const queue = this.queues.get(target.linkId) ?? { waiting: [], running: false };
      this.queues.set(target.linkId, queue);
      queue.waiting.push({ settle, fail });
      if (!queue.running) void this.run(target, queue);
    });
  }

  /** Whether nothing is left to spend, for who spends nothing. Rejects if nobody can tell. */
  isSpent(target: RedirectTarget): Promise<boolean> {
    if (target.spent) return Promise.resolve(true);
    const { linkId } = target;
    let answer = this.asking.get(linkId);
    if (!answer) {
      answer = this.targets.isSpent(linkId).finally(() => this.asking.delete(linkId));
      this.asking.set(linkId, answer);
    }
    return answer;
  }

  private async run(target: RedirectTarget, queue: Queue): Promise<void> {
    queue.running = true;
    while (queue.waiting.length > 0) {
      const visitors = queue.waiting;
      queue.waiting = [];
      try {
        const granted = await this.targets.spendClicks(target.linkId, visitors.length);
        // Remembered until the link changes, which makes a new target.
        if (granted < visitors.length) target.spent = true;
        visitors.forEach(({ settle }, index) => settle(index < granted));
      } catch (error) {
        visitors.forEach(({ fail }) => fail(error));
      }
    }
    this.queues.delete(target.linkId);
  }
}
