import { Injectable } from '@nestjs/common';
import { HostsService } from '../domains/hosts.service.js';
import { LinkImportsService } from '../links/link-imports.service.js';
import { LinksService } from '../links/links.service.js';
import type { Link } from '../links/links.types.js';
import type { ExportedLink } from './imports.types.js';

/** Gives a workspace all of its links, to take along. */
@Injectable()
export class ExportsService {
  constructor(
    private readonly links: LinksService,
    private readonly imports: LinkImportsService,
    private readonly hosts: HostsService,
  ) {}

  /** All links that are not deleted, the oldest first, a few at a time; the first few are read already. */
  async export(workspaceId: string): Promise<AsyncIterable<ExportedLink[]>> {
    const batches = this.batches(workspaceId);
    const first = await batches.next();
    return behind(first.value ?? [], batches);
  }

  private async *batches(workspaceId: string): AsyncGenerator<ExportedLink[], undefined> {
    const ownHost = this.hosts.nameOf('');
    for await (const links of this.links.ofWorkspace(workspaceId)) {
      const spent = await this.imports.spentClicksOf(links.map(({ id }) => id));
      yield links.map((link) => exported(link, ownHost, spent.get(link.id) ?? 0));
    }
  }
}

async function* behind(
  first: ExportedLink[],
  others: AsyncIterable<ExportedLink[]>,
): AsyncGenerator<ExportedLink[]> {
  if (first.length > 0) yield first;
  yield* others;
}

function exported(link: Link, ownHost: string, spentClicks: number): ExportedLink {
  const { workspaceId: _, deletedAt: _deleted, version: _version, domain, ...fields } = link;
  return { ...fields, domain: domain === ownHost ? null : domain, spentClicks };
}
