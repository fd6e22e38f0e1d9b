import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { LinkChangesService } from './link-changes.service.js';
import { LinksRepository } from './links.repository.js';
import { linkNotFound } from './links.problems.js';
import type { Takedown } from './links.types.js';
import { CUSTOM_CODE } from './short-code.policy.js';

/**
 * What administrators of the instance can do with the links of any workspace: keep one from
 * redirecting, and let it redirect again. They name it by its code, and see no more than they need.
 */
@Injectable()
export class TakedownsService {
  private readonly logger = new Logger(TakedownsService.name);

  constructor(
    private readonly links: LinksRepository,
    private readonly changes: LinkChangesService,
    private readonly clock: Clock,
  ) {}

  /** Also of a deleted link. @throws ProblemError link-not-found */
  async get(code: string): Promise<Takedown> {
    const link = CUSTOM_CODE.test(code) ? await this.links.findTakedown(code) : undefined;
    if (!link) throw linkNotFound();
    return link;
  }

  /** Its workspace sees the reason, and cannot undo it. @throws ProblemError link-not-found */
  async disable(code: string, reason: string, userId: string): Promise<Takedown> {
    const disabledAt = new Date(this.clock.now());
    return this.set(code, { disabledAt, disabledBy: userId, disabledReason: reason }, userId);
  }

  /** @throws ProblemError link-not-found */
  async enable(code: string, userId: string): Promise<Takedown> {
    return this.set(code, { disabledAt: null, disabledBy: null, disabledReason: null }, userId);
  }

  private async set(
    code: string,
    state: Pick<Takedown, 'disabledAt' | 'disabledBy' | 'disabledReason'>,
    userId: string,
  ): Promise<Takedown> {
    await this.get(code);
    const what = state.disabledAt ? 'disabled' : 'enabled';
    const columns = { ...state, updatedAt: new Date(this.clock.now()) };
    await this.changes.changeByCode(`link.${what}`, code, columns);
    this.logger.log(`The link ${code} was ${what} by user ${userId}`);
    return this.get(code);
  }
}
