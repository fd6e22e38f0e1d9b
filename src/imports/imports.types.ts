import type { Link, OnTaken } from '../links/links.types.js';

/** The services, and plain formats, whose links can be taken over. */
export const IMPORT_SOURCES = [
  'shlink',
  'yourls',
  'kutt',
  'bitly',
  'dub',
  'polr',
  'golink',
  'chhoto',
  'sink',
  'shortlinker',
  'rebrandly',
  'shortio',
  'signpost',
  'csv',
  'urls',
  'bookmarks',
] as const;
export type ImportSource = (typeof IMPORT_SOURCES)[number];

/** Something of a record that somebody should know: a stable code, and what it is about. */
export interface ImportNote {
  code: string;
  detail: string;
}

/** A link as another service had it, in the terms of this one; times are RFC 3339 UTC. */
export interface ImportRecord {
  /** Its place among the records, from 0 on. */
  index: number;
  /** The line of the file that it ends on, if the file has lines. */
  line: number | null;
  /** Without one it gets a random code. */
  code: string | null;
  /** The host of its short URL; null for the default one. */
  domain: string | null;
  url: string;
  title: string | null;
  tags: string[];
  startsAt: string | null;
  expiresAt: string | null;
  maxClicks: number | null;
  createdAt: string | null;
  /** Those that it had over there. */
  clicks: number;
  warnings: ImportNote[];
  /** Why it cannot be taken over as it is. */
  error?: ImportNote;
  /** What only some services have. */
  externalId?: string;
  note?: string;
  disabled?: boolean;
  forwardQuery?: boolean;
  forwardPath?: boolean;
  indexable?: boolean;
  password?: string;
  fallbackUrl?: string;
  trackClicks?: boolean;
  redirectStatus?: number;
  updatedAt?: string;
  /** How many of maxClicks are used up. */
  spentClicks?: number;
  rules?: ImportRule[];
  split?: { name?: string; url: string; weight: number }[];
}

/** Where some visitors are sent; of a list one value is enough. */
export interface ImportRule {
  name?: string;
  when: {
    device?: string[];
    os?: string[];
    country?: string[];
    language?: string[];
    /** Of a parameter with an empty list any value will do. */
    query?: Record<string, string[]>;
    referrerHost?: string[];
    from?: string;
    until?: string;
  };
  url: string;
}

/** Services that can be asked themselves. */
export const REMOTE_SOURCES = ['shlink', 'kutt', 'yourls', 'bitly', 'dub'] as const;
export type RemoteSource = (typeof REMOTE_SOURCES)[number];

/** Where such a service answers, and what it knows who asks by. */
export interface RemoteService {
  source: RemoteSource;
  url: string;
  apiKey: string;
}

/** How large a file may be, or all answers of a service. */
export const MAX_IMPORT_BYTES = 50_000_000;

/** Imports of a workspace that are not over, and so are kept in the database with all they are made of. */
export const MAX_UNFINISHED_IMPORTS = 2;

export const IMPORT_STATUSES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
export type ImportStatus = (typeof IMPORT_STATUSES)[number];

export const RECORD_OUTCOMES = ['created', 'updated', 'renamed', 'skipped', 'failed'] as const;
export type RecordOutcome = (typeof RECORD_OUTCOMES)[number];

/** What is to be done with the records of an import. */
export interface ImportOptions {
  source?: ImportSource;
  fileName?: string;
  /** Changes nothing, and reports what it would. */
  dryRun: boolean;
  onTaken: OnTaken;
}

/** How far an import is. */
export interface ImportProgress {
  read: number;
  /** Null until all has been looked through once. */
  total: number | null;
  created: number;
  updated: number;
  renamed: number;
  skipped: number;
  failed: number;
}

/** An import as its workspace sees it. */
export interface Import {
  id: string;
  workspaceId: string;
  status: ImportStatus;
  source: ImportSource | null;
  fileName: string | null;
  /** The service that was asked, if it was no file. */
  url: string | null;
  dryRun: boolean;
  onTaken: OnTaken;
  progress: ImportProgress;
  /** Why it failed. */
  problem: ImportNote | null;
  createdBy: string;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
}

/** What became of a record. */
export interface ReportedRecord {
  index: number;
  line: number | null;
  domain: string | null;
  code: string | null;
  url: string;
  outcome: RecordOutcome;
  linkId: string | null;
  /** The code that it has here, or would have. */
  linkCode: string | null;
  warnings: ImportNote[];
  problem: ImportNote | null;
}

/** A link as it is exported: all that an import makes the same link of, apart from its password. */
export interface ExportedLink extends Omit<
  Link,
  'workspaceId' | 'deletedAt' | 'version' | 'domain'
> {
  /** Null for the default one, whatever that is where it is imported. */
  domain: string | null;
  /** How many of maxClicks are used up. */
  spentClicks: number;
}
