import { Injectable } from '@nestjs/common';
import { LinksConfig } from '../../config/links.config.js';
import { Clock } from '../common/clock.js';
import { BlockedHostsService } from './blocked-hosts.service.js';
import {
  failed,
  ImportedLinkFactory,
  MAX_CODE,
  skipped,
  type Work,
} from './imported-link.factory.js';
import { LinkChangesService } from './link-changes.service.js';
import type { LinkEntity } from './link.entity.js';
import { LinkFactory } from './link.factory.js';
import { LinkImportsRepository, type TakenCode } from './link-imports.repository.js';
import { LinksRepository } from './links.repository.js';
import {
  type ImportedLink,
  type LinkToImport,
  type OnTaken,
  WorkspaceGone,
} from './links.types.js';

/** Codes that are tried behind a taken one: code-2 to code-9. */
const RENAMED = [2, 3, 4, 5, 6, 7, 8, 9];

/** How often codes may turn out to be taken between looking and adding. */
const MAX_ATTEMPTS = 3;

export interface ImportChoices {
  onTaken: OnTaken;
  /** Nothing is changed, and what would become of the links is told. */
  isTrial: boolean;
  /** Links that an import has made before, or would have: they take room, and nobody updates them. */
  earlier: { links: number; has(domain: string, code: string): boolean };
}

/**
 * Adds links of other services, many at once and past what holds for new ones: they may have ended, and
 * have a past. What holds for all links holds for them, too: targets, codes, blocked hosts, and the limit
 * of the workspace.
 */
@Injectable()
export class LinkImportsService {
  constructor(
    private readonly links: LinksRepository,
    private readonly imports: LinkImportsRepository,
    private readonly factory: LinkFactory,
    private readonly builder: ImportedLinkFactory,
    private readonly changes: LinkChangesService,
    private readonly blockedHosts: BlockedHostsService,
    private readonly config: LinksConfig,
    private readonly clock: Clock,
  ) {}

  /**
   * Adds the links, and tells of each what became of it. Call it in a transaction.
   * @throws WorkspaceGone
   */
  async addAll(
    workspaceId: string,
    createdBy: string | null,
    inputs: LinkToImport[],
    choices: ImportChoices,
  ): Promise<ImportedLink[]> {
    const locked = await this.links.lockWorkspaces([workspaceId]);
    if (!locked.has(workspaceId)) throw new WorkspaceGone();
    const works = inputs.map((input): Work => ({ input, warnings: [], isRenamed: false }));
    for (const work of works) this.builder.build(work, workspaceId, createdBy, choices.onTaken);
    keepOrder(works);
    await this.refuseBlocked(works);
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      await this.leaveOutExternalIds(works, workspaceId);
      await this.settleCodes(works, workspaceId, choices);
      await this.keepWithinLimit(works, workspaceId, choices);
      if (choices.isTrial || (await this.add(works))) break;
    }
    if (!choices.isTrial) {
      await this.update(works, workspaceId);
      for (const work of works.filter(isOpen)) {
        work.result = failed('code-taken', 'somebody else was faster each time');
      }
    }
    return works.map((work) => work.result ?? outcomeOf(work, choices.isTrial));
  }

  /** How many clicks of the limits of links are used up, of those that have any. */
  spentClicksOf(ids: string[]): Promise<Map<string, number>> {
    return this.imports.findSpent(ids);
  }

  private async refuseBlocked(works: Work[]): Promise<void> {
    const open = works.filter(isOpen);
    const errors = await this.blockedHosts.findBlocked(open.map(({ link }) => link));
    for (const [index, work] of open.entries()) {
      const [first] = errors[index]!;
      if (first) work.result = failed(first.code, `${first.pointer.slice(1)} ${first.detail}`);
    }
  }

  /** An external id is left out if another link has it: the code is what people know. */
  private async leaveOutExternalIds(works: Work[], workspaceId: string): Promise<void> {
    const open = works.filter(isOpen).filter(({ link }) => link.externalId !== null);
    if (open.length === 0) return;
    const ids = open.map(({ link }) => link.externalId!);
    const taken = new Set((await this.imports.findExternalIds(workspaceId, ids)).keys());
    for (const { link, warnings } of open) {
      const externalId = link.externalId!;
      if (taken.has(externalId)) {
        link.externalId = null;
        warnings.push({ code: 'externalId-taken', detail: 'another link has it; it is left out' });
      }
      taken.add(externalId);
    }
  }

  /** Decides what becomes of links whose code is taken, also by a link before them. */
  private async settleCodes(
    works: Work[],
    workspaceId: string,
    { onTaken, earlier }: ImportChoices,
  ): Promise<void> {
    const open = works.filter(isOpen).filter(({ updates }) => updates === undefined);
    const candidates = open.flatMap(({ link }) => [link, ...renamed(link)]);
    const found = await this.imports.findTaken(
      onTaken === 'rename' ? candidates : open.map(({ link }) => link),
    );
    const taken = new Map(found.map((row) => [keyOf(row), row]));
    const used = new Set<string>();
    const isFree = (link: { domain: string; code: string }): boolean =>
      !used.has(keyOf(link)) && !taken.has(keyOf(link)) && !earlier.has(link.domain, link.code);
    for (const work of open) {
      const { link } = work;
      if (!isFree(link)) {
        // A random one has nobody who knows it: it is made anew.
        if (work.input.code === undefined) link.code = this.factory.nextCode();
        else if (onTaken === 'rename' || work.isRenamed) {
          const free = renamed(link).find(isFree);
          link.code = free?.code ?? this.factory.nextCode();
          work.isRenamed = true;
        } else {
          const row = used.has(keyOf(link)) ? undefined : taken.get(keyOf(link));
          this.settleTaken(work, row, workspaceId, onTaken, earlier);
        }
      }
      if (!work.result) used.add(keyOf(link));
    }
  }

  private settleTaken(
    work: Work & { link: LinkEntity },
    row: TakenCode | undefined,
    workspaceId: string,
    onTaken: OnTaken,
    earlier: ImportChoices['earlier'],
  ): void {
    const { domain, code } = work.link;
    if (!row || earlier.has(domain, code)) {
      work.result = skipped('code-twice-in-file', 'an earlier record has the same code here');
    } else if (onTaken === 'skip') {
      work.result = skipped('code-taken', 'the code is taken');
      if (row.workspaceId === workspaceId && !row.isDeleted) work.result.linkId = row.id;
    } else if (row.workspaceId !== workspaceId) {
      work.result = skipped('code-taken', 'the code is taken in another workspace');
    } else if (row.isDeleted) {
      work.result = skipped('code-taken', 'the code belongs to a deleted link');
    } else work.updates = row.id;
  }

  private async keepWithinLimit(
    works: Work[],
    workspaceId: string,
    { earlier, isTrial }: ImportChoices,
  ): Promise<void> {
    const limit = this.config.maxLinksPerWorkspace;
    if (limit === 0) return;
    let room = limit - (await this.links.countOf(workspaceId)) - (isTrial ? earlier.links : 0);
    for (const work of works.filter(isOpen)) {
      if (work.updates !== undefined) continue;
      room -= 1;
      if (room >= 0) continue;
      work.result = failed('link-limit-reached', `a workspace may have ${limit} links`);
    }
  }

  /** Whether all that is to be added was; of the others the code was taken a moment ago. */
  private async add(works: Work[]): Promise<boolean> {
    const open = works.filter(isOpen).filter(({ updates }) => updates === undefined);
    const added = await this.changes.addAll(open.map(({ link }) => link));
    const spent = open.flatMap(({ link, input }) => spendingOf(link.id, added, input));
    await this.imports.spend(spent);
    for (const work of open) {
      if (added.has(work.link.id)) work.result = outcomeOf(work, false);
    }
    return added.size === open.length;
  }

  private async update(works: Work[], workspaceId: string): Promise<void> {
    const open = works.filter(isOpen).filter(({ updates }) => updates !== undefined);
    if (open.length === 0) return;
    const ids = open.map(({ updates }) => updates!);
    const before = await this.links.lockAll([workspaceId], ids, { externalIds: [] });
    const byId = new Map(before.map((link) => [link.id, link]));
    const changed = open.filter(({ updates }) => byId.has(updates!));
    await this.changes.changeAll(
      changed.map((work) => ({
        action: 'link.updated',
        before: byId.get(work.updates!)!,
        columns: columnsOf(work, new Date(this.clock.now())),
      })),
    );
    for (const work of open) {
      work.result = byId.has(work.updates!)
        ? outcomeOf(work, false)
        : skipped('code-taken', 'the link was deleted a moment ago');
    }
  }
}

/** Links are listed by their ids, which are random within a millisecond. */
function keepOrder(works: Work[]): void {
  const links = works.flatMap(({ link }) => link ?? []);
  const ids = links.map(({ id }) => id).toSorted();
  for (const [index, link] of links.entries()) link.id = ids[index]!;
}

const isOpen = (work: Work): work is Work & { link: LinkEntity } =>
  work.result === undefined && work.link !== undefined;

const keyOf = ({ domain, code }: { domain: string; code: string }): string => `${domain}/${code}`;

const renamed = ({ domain, code }: LinkEntity): { domain: string; code: string }[] =>
  RENAMED.map((number) => {
    const end = `-${number}`;
    return { domain, code: `${code.slice(0, MAX_CODE - end.length)}${end}` };
  });

/** What a link gets of a record that is for it; what only other services lack stays as it is. */
function columnsOf({ link, input }: Work, updatedAt: Date): Partial<LinkEntity> {
  const { url, title, tags, startsAt, expiresAt, maxClicks, importedClicks } = link!;
  const { redirectStatus, disabled, note, fallbackUrl, forwardQuery, forwardPath, trackClicks } =
    input;
  const optional = { redirectStatus, disabled, note, forwardQuery, forwardPath, trackClicks };
  return {
    ...optional,
    ...(fallbackUrl !== undefined && { fallbackUrl: link!.fallbackUrl }),
    ...(input.rules !== undefined && { rules: link!.rules }),
    ...(input.split !== undefined && { split: link!.split }),
    url,
    title,
    tags,
    startsAt,
    expiresAt,
    maxClicks,
    importedClicks,
    updatedAt,
  };
}

/** The clicks of its limit that a link comes with are used up, as they were where it comes from. */
function spendingOf(
  id: string,
  added: Set<string>,
  { maxClicks, spentClicks }: LinkToImport,
): { id: string; spent: number }[] {
  if (!added.has(id) || !maxClicks || spentClicks === 0) return [];
  return [{ id, spent: Math.min(maxClicks, spentClicks) }];
}

function outcomeOf({ link, updates, isRenamed, warnings }: Work, isTrial: boolean): ImportedLink {
  const { code, domain } = link!;
  if (updates !== undefined) {
    return { outcome: 'updated', linkId: updates, code, domain, warnings };
  }
  const outcome = isRenamed ? 'renamed' : 'created';
  return { outcome, code, domain, warnings, ...(!isTrial && { linkId: link!.id }) };
}
