import { Injectable } from '@nestjs/common';
import { HostsService } from '../domains/hosts.service.js';
import { RedirectService } from './redirect.service.js';
import { RedirectTargetsRepository } from './redirect-targets.repository.js';
import type { Preview, Refusal, VisitorRequest } from './redirect.types.js';

/** Tells where a short link leads, to who would rather know before. It is no click. */
@Injectable()
export class PreviewsService {
  constructor(
    private readonly redirects: RedirectService,
    private readonly targets: RedirectTargetsRepository,
    private readonly hosts: HostsService,
  ) {}

  /** The preview, or why the link does not redirect. Rejects if nobody can tell. */
  async preview(code: string, request: VisitorRequest): Promise<Preview | Refusal> {
    const target = await this.redirects.look(code, request);
    if (typeof target === 'string') return target;
    const link = await this.targets.findDetails(target.linkId);
    if (!link) return 'not_found';
    const shortUrl = this.hosts.shortUrl(link.domain, link.code);
    const { options, url } = target;
    if (options !== undefined && options.passwordHash !== null) {
      const nothing = { url: null, hasOtherTargets: false, title: null, createdAt: null };
      return { shortUrl, hasPassword: true, ...nothing };
    }
    const hasOtherTargets = options?.rules !== undefined;
    const { title, createdAt } = link;
    return { shortUrl, hasPassword: false, url, hasOtherTargets, title, createdAt };
  }
}
