import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DomainsService } from '../domains/domains.service.js';
import type { TargetCheck } from '../domains/domains.types.js';
import { BlockedHostsRepository } from './blocked-hosts.repository.js';
import { TargetRefused, TargetUrlPolicy } from './target-url.policy.js';

/** The pages of a domain may lead where links may. */
@Injectable()
export class DomainTargetsService implements OnModuleInit, TargetCheck {
  constructor(
    private readonly domains: DomainsService,
    private readonly targets: TargetUrlPolicy,
    private readonly blockedHosts: BlockedHostsRepository,
  ) {}

  onModuleInit(): void {
    this.domains.checkTargetsBy(this);
  }

  async checkTarget(text: string): Promise<{ url: string } | { code: string; detail: string }> {
    try {
      const url = this.targets.normalise(text);
      if ((await this.blockedHosts.findBlocked([url])).size === 0) return { url };
      return { code: 'blocked', detail: 'must not lead to a host that is blocked here' };
    } catch (error) {
      if (!(error instanceof TargetRefused)) throw error;
      return { code: error.code, detail: error.message };
    }
  }
}
