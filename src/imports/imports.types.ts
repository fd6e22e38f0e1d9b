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
  /** How many of maxClicks are used up. */
  spentClicks?: number;
  rules?: ImportRule[];
  split?: { url: string; weight: number }[];
}

/** Where some visitors are sent. */
export interface ImportRule {
  when: {
    device?: string;
    os?: string;
    country?: string;
    language?: string;
    query?: Record<string, string>;
    referrerHost?: string;
    from?: string;
    until?: string;
  };
  url: string;
}
