import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { HostsService } from '../domains/hosts.service.js';
import { LinkChangesService } from './link-changes.service.js';
import { LinksRepository } from './links.repository.js';
import { linkNotFound } from './links.problems.js';
import type { LinkName, Takedown } from './links.types.js';
import { CUSTOM_CODE } from './short-code.policy.js';

/**
 * What administrators of the instance can do with the links of any workspace: keep one from
 * redirecting, and let it redirect again. They name it by its host and its code, and see no more than they need.
 */
@Injectable()
export class TakedownsService {
  private readonly logger = new Logger(TakedownsService.name);

  constructor(
    private readonly links: LinksRepository,
    private readonly changes: LinkChangesService,
    private readonly clock: Clock,
    private readonly hosts: HostsService,
  ) {}

  /**
   * Also of a deleted link.
   * @param host the default one if absent
   * @throws ProblemError link-not-found
   */
  async get(code: string, host?: string): Promise<Takedown> {
    const link = await this.find(this.nameOf(code, host));
    return { ...link, domain: this.hosts.nameOf(link.domain) };
  }

  /** Its workspace sees the reason, and cannot undo it. @throws ProblemError link-not-found */
  async disable(
    code: string,
    host: string | undefined,
    reason: string,
    userId: string,
  ): Promise<Takedown> {
    const state = { disabledAt: new Date(this.clock.now()), disabledBy: userId };
    return this.set(code, host, { ...state, disabledReason: reason }, userId);
  }

  /** @throws ProblemError link-not-found */
  async enable(code: string, host: string | undefined, userId: string): Promise<Takedown> {
    const state = { disabledAt: null, disabledBy: null, disabledReason: null };
    return this.set(code, host, state, userId);
  }

  private async set(
    code: string,
    host: string | undefined,
    state: Pick<Takedown, 'disabledAt' | 'disabledBy' | 'disabledReason'>,
    userId: string,
  ): Promise<Takedown> {
    const name = this.nameOf(code, host);
    const { domain } = await this.find(name);
    const what = state.disabledAt ? 'disabled' : 'enabled';
    const columns = { ...state, updatedAt: new Date(this.clock.now()) };
    await this.changes.changeByCode(`link.${what}`, name, columns);
    const place = domain === '' ? '' : ` on ${domain}`;
    this.logger.log(`The link ${code}${place} was ${what} by user ${userId}`);
    return this.get(code, host);
  }

  private async find(name: LinkName): Promise<Takedown> {
    const link = CUSTOM_CODE.test(name.code) ? await this.links.findTakedown(name) : undefined;
    if (!link) throw linkNotFound();
    return link;
  }

  private nameOf(code: string, host: string | undefined): LinkName {
    const domain = this.hosts.domainOf(host);
    if (domain === undefined) throw linkNotFound();
    return { domain, code };
  }
}
