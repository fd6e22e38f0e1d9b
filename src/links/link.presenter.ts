import { Injectable } from '@nestjs/common';
import { HostsService } from '../domains/hosts.service.js';
import type { Link, RedirectStatus, StoredLink } from './links.types.js';

/** Shows links as their workspaces see them, in answers and in feeds: without what is the service's own. */
@Injectable()
export class LinkPresenter {
  constructor(private readonly hosts: HostsService) {}

  present({ link, clicks }: StoredLink): Link {
    const { disabledBy: _, passwordHash: _hash, passwordSetAt, redirectStatus, ...fields } = link;
    return {
      ...fields,
      redirectStatus: redirectStatus as RedirectStatus,
      domain: this.hosts.nameOf(link.domain),
      shortUrl: this.hosts.shortUrl(link.domain, link.code),
      hasPassword: passwordSetAt !== null,
      clicks: clicks + link.importedClicks,
    };
  }
}
