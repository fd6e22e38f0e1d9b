import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import { Clock } from '../../common/clock.js';
import { LinksService } from '../../links/links.service.js';
import { DatabaseService } from '../../platform/database/database.service.js';
import { WorkspacesService } from '../../workspaces/workspaces.service.js';
import { ClickDeletionRequestsRepository } from './click-deletion-requests.repository.js';

/** How long the answer waits for the ingester, which usually takes a moment. */
const WAIT_MS = 10_000;
const LOOK_MS = 50;

/** Deletes all clicks of a link. What is counted of clicks is the ingester's: it is asked to do it. */
@Injectable()
export class ClickDeletionsService {
  constructor(
    private readonly links: LinksService,
    private readonly workspaces: WorkspacesService,
    private readonly requests: ClickDeletionRequestsRepository,
    private readonly database: DatabaseService,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /**
   * Has them deleted, whatever becomes of this process.
   * @returns whether it is done already
   * @throws ProblemError link-not-found, forbidden
   */
  async delete(userId: string, linkId: string): Promise<boolean> {
    const { id, workspaceId, clicks } = await this.links.get(userId, linkId);
    await this.workspaces.require(userId, workspaceId, 'links:write');
    await this.database.transaction(async () => {
      await this.requests.add(id, new Date(this.clock.now()));
      await this.audit.record({
        workspaceId,
        action: 'link.clicks-deleted',
        targets: [{ type: 'link', id }],
        changes: { clicks: { from: clicks, to: 0 } },
      });
    });
    for (const endsAt = performance.now() + WAIT_MS; performance.now() < endsAt;) {
      if (!(await this.requests.isPending(id))) return true;
      await sleep(LOOK_MS);
    }
    return false;
  }
}
