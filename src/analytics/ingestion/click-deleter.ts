import type { ClickBlocksService } from '../blocks/click-blocks.service.js';
import type { ClickCountsRepository } from './click-counts.repository.js';
import type { ClickDeletionsRepository } from './click-deletions.repository.js';
import type { ClicksRepository } from './clicks.repository.js';

/** Deletes all clicks of links for which somebody has asked for it. */
export class ClickDeleter {
  constructor(
    private readonly clicks: ClicksRepository,
    private readonly counts: ClickCountsRepository,
    private readonly deletions: ClickDeletionsRepository,
    private readonly blocks: ClickBlocksService,
  ) {}

  /**
   * Deletes the clicks of one link: those that are stored, and those made until now that are still to come.
   * One transaction, in which nobody else stores clicks: so all that is counted is right at any time.
   * @returns whether there was one
   */
  async deleteNext(): Promise<boolean> {
    if (!(await this.deletions.next())) return false;
    await this.clicks.transaction(async () => {
      // Another process may have been faster.
      const link = await this.deletions.next();
      if (!link) return;
      const { id, workspaceId, number } = link;
      for (const day of await this.deletions.daysOf(id)) {
        const ofDay = { ownerId: workspaceId, day };
        const removed = await this.blocks.removeLink(ofDay, number);
        await this.counts.subtractFromWorkspaceDay({ ...ofDay, ...removed });
        await this.deletions.deleteClicks(id, day);
      }
      await this.deletions.finish(id, Date.now());
    }, 'alone');
    return true;
  }
}
