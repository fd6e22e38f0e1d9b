import type { ProblemError } from '../common/problem/problem.error.js';
import type { LinkEntity } from './link.entity.js';
import type { LinkRule, SplitVariant, TargetRules, Unnamed } from './link-rules.types.js';

/** The statuses a short link may redirect with (RFC 9110 §15.4). */
export const REDIRECT_STATUSES = [301, 302, 307, 308] as const;
export type RedirectStatus = (typeof REDIRECT_STATUSES)[number];

/** A short link as its workspace sees it. */
export interface Link {
  id: string;
  workspaceId: string;
  domain: string;
  code: string;
  shortUrl: string;
  externalId: string | null;
  url: string;
  title: string | null;
  tags: string[];
  redirectStatus: RedirectStatus;
  startsAt: Date | null;
  expiresAt: Date | null;
  maxClicks: number | null;
  /** Clicks counted so far, bots and imported ones included. */
  clicks: number;
  /** What it had been clicked elsewhere before it was imported. */
  importedClicks: number;
  createdBy: string | null;
  createdAt: Date;
  updatedAt: Date;
  deletedAt: Date | null;
  /** Since when an administrator of the instance keeps the link from redirecting. */
  disabledAt: Date | null;
  disabledReason: string | null;
  /** Whether its workspace keeps the link from redirecting. */
  disabled: boolean;
  /** For the workspace only; may have several lines. */
  note: string | null;
  fallbackUrl: string | null;
  forwardQuery: boolean;
  forwardPath: boolean;
  trackClicks: boolean;
  hasPassword: boolean;
  rules: LinkRule[] | null;
  split: SplitVariant[] | null;
  /** Grows by one with every change; the ETag. */
  version: number;
}

/** What made a version of a link. */
export interface LinkVersion {
  version: number;
  changedAt: Date;
  /** A user or an API key; null if it was the service itself. */
  changedBy: string | null;
  action: string;
  /** The fields that were changed, by name. */
  changes: Record<string, { from: unknown; to: unknown }>;
}

export interface NewLink {
  url: string;
  /** The host of a verified domain of the workspace; the default one if absent or null. */
  domain?: string | null;
  code?: string;
  externalId?: string | null;
  title?: string | null;
  tags?: string[];
  redirectStatus?: RedirectStatus;
  startsAt?: Date | null;
  expiresAt?: Date | null;
  maxClicks?: number | null;
  rules?: Unnamed<LinkRule>[] | null;
  split?: Unnamed<SplitVariant>[] | null;
  workspaceId?: string;
  disabled?: boolean;
  note?: string | null;
  fallbackUrl?: string | null;
  forwardQuery?: boolean;
  forwardPath?: boolean;
  trackClicks?: boolean;
  password?: string | null;
}

/** With a workspaceId the link moves there. */
export type LinkChanges = Partial<Omit<NewLink, 'code' | 'domain'>>;

/** What must be true of the link for a change to be made. */
export interface Precondition {
  /** The versions that the change is meant for; any, if undefined. */
  versions?: number[];
  mustExist?: boolean;
  mustBeNew?: boolean;
}

/** One of many changes that are asked for at once; an upsert replaces the link, or makes it. */
export type LinkOperation = (
  | { op: 'create'; link: NewLink }
  | { op: 'update'; id?: string; externalId?: string; changes: LinkChanges }
  | { op: 'delete'; id?: string; externalId?: string }
  | { op: 'upsert'; externalId: string; link: NewLink }
) &
  Precondition;

export interface LinkBatch {
  /** Refused operations among them have been found wrong before. */
  operations: (LinkOperation | ProblemError)[];
  /** Whether all of it is done or nothing. */
  atomic: boolean;
  /** That of external ids, and of new links that name none; the personal one if absent. */
  workspaceId?: string;
}

/** What has become of an operation: its HTTP status, and the link unless that is deleted. */
export type OperationResult =
  { status: 200 | 201 | 204; link?: Link } | { status: number; problem: ProblemError };

export interface LinkQuery {
  limit: number;
  cursor?: string;
  q?: string;
  tag?: string;
  /** A host, the default one included. */
  domain?: string;
  workspaceId?: string;
  /** Deleted links, and no others. */
  isDeleted?: boolean;
}

/** A link as it came from the database, with its click total. */
export interface StoredLink {
  link: LinkEntity;
  clicks: number;
}

export interface LinkFilter {
  limit: number;
  beforeId?: string;
  /** In the form of search texts; a link with any of them passes. */
  texts?: string[];
  tag?: string;
  /** As links have it: empty for the default one. */
  domain?: string;
  isDeleted?: boolean;
}

export interface FoundLinks {
  /** The newest first. */
  ids: string[];
  /** Set if older links may match, too: those before this one have not been looked at. */
  searchedTo?: string;
}

/** What is done with an imported link whose code is taken, or cannot be a code here. */
export const ON_TAKEN = ['skip', 'rename', 'update'] as const;
export type OnTaken = (typeof ON_TAKEN)[number];

/** A link of another service, past the rules for new ones: it may have ended, and has a history. */
export interface LinkToImport extends Omit<NewLink, 'workspaceId' | 'password'> {
  createdAt?: Date | null;
  updatedAt?: Date | null;
  importedClicks: number;
  /** How many of maxClicks are used up. */
  spentClicks: number;
}

/** What became of a link to import, or would become of it. */
export interface ImportedLink {
  outcome: 'created' | 'updated' | 'renamed' | 'skipped' | 'failed';
  /** Absent if there is none, as of a trial. */
  linkId?: string;
  /** The code that it has now, and its domain. */
  code?: string;
  domain?: string;
  problem?: { code: string; detail: string };
  warnings: { code: string; detail: string }[];
}

/** Thrown when a link would end before it starts. */
export class InvalidValidity extends Error {}

/** Thrown when another link of the workspace has the external id. */
export class ExternalIdTaken extends Error {}

/** Thrown when a workspace would have more links than it may. */
export class TooManyLinks extends Error {}

/** Thrown when the workspace that a link would belong to has been deleted a moment ago. */
export class WorkspaceGone extends Error {}

/** Thrown when a link would be on a domain that its workspace does not have, or not verified. */
export class DomainElsewhere extends Error {}

/** What names a link to everybody; `domain` is empty for the default one. */
export interface LinkName {
  domain: string;
  code: string;
}

/** A link of any workspace, as far as it takes to take it down. */
export interface Takedown extends LinkName {
  url: string;
  /** Where else it leads: by rules, a split, or when it has ended. */
  otherUrls: string[];
  workspaceId: string;
  createdBy: string | null;
  disabledAt: Date | null;
  disabledBy: string | null;
  disabledReason: string | null;
}

/** A host that no link may lead to, nor to any host below it. */
export interface BlockedHost {
  host: string;
  reason: string;
  createdBy: string;
  createdAt: Date;
}

/**
 * Why a link does not redirect, whatever the time: its workspace deleted it or switched it off, an
 * administrator disabled it or all links of its creator, or it leads to a blocked host.
 */
export type Withheld = 'deleted' | 'switched_off' | 'disabled' | 'blocked';

/** What a link does besides redirecting to its URL. */
export interface LinkOptions {
  /** Where it leads when it has expired or is used up; never to a blocked host. */
  fallbackUrl: string | null;
  /** Whether the visitor's query is added to that of the target. */
  forwardQuery: boolean;
  /** Whether the path behind the code is added to that of the target. */
  forwardPath: boolean;
  /** Whether its clicks are recorded. */
  trackClicks: boolean;
  /** Of the password that visitors have to know. */
  passwordHash: string | null;
  /** Sends some visitors elsewhere; undefined if it leads all to its URL. */
  rules?: TargetRules;
}

/** All that a redirect needs to know of a link; times in Unix milliseconds. */
export interface RedirectTarget {
  linkId: string;
  url: string;
  status: RedirectStatus;
  startsAt: number | null;
  expiresAt: number | null;
  maxClicks: number | null;
  withheld: Withheld | null;
  /** What is more to it than to redirect to `url`; undefined for a plain link. */
  options?: LinkOptions;
  /** Set once the database has said that maxClicks is used up. */
  spent?: boolean;
}
