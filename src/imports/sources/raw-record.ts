import { parseUrl } from '../../common/parse-url.js';
import { trimmed } from '../../common/validation/text.rules.js';
import type { ImportNote, ImportRecord } from '../imports.types.js';
import { UnreadableFile } from './unreadable-file.js';
import { checkTargets } from './rules.js';
import { timeOf } from './time.js';

type Optional = Pick<
  ImportRecord,
  | 'externalId'
  | 'note'
  | 'disabled'
  | 'forwardQuery'
  | 'forwardPath'
  | 'indexable'
  | 'password'
  | 'fallbackUrl'
  | 'trackClicks'
  | 'redirectStatus'
  | 'updatedAt'
  | 'spentClicks'
  | 'rules'
  | 'split'
>;

/** A record as its service writes it: times and numbers of any kind, and texts of any length. */
export interface RawRecord extends Optional {
  line?: number;
  code?: unknown;
  domain?: unknown;
  url?: unknown;
  title?: unknown;
  tags?: unknown[];
  startsAt?: unknown;
  expiresAt?: unknown;
  maxClicks?: unknown;
  createdAt?: unknown;
  clicks?: unknown;
  warnings?: ImportNote[];
  error?: ImportNote;
}

/** What a record is judged by besides itself. */
export interface ReadingOptions {
  /** Unix milliseconds. */
  now: number;
  /** Schemes that links may lead to besides http and https. */
  allowedSchemes?: readonly string[];
}

/** What a custom code here can be; others of the rules need no file to be known. */
const CODE = /^[A-Za-z0-9_-]{1,64}$/;
const MAX_TITLE = 200;
const MAX_TAG = 50;
const MAX_TAGS = 10;
const MAX_CLICKS = 2_147_483_647;
/** Longer ones are no code of any service; they would only fill the report. */
const MAX_SHOWN_CODE = 512;
const MAX_URL = 8192;
/** Of 50 bytes each they are as large as a file may be. */
const MAX_RECORDS = 1_000_000;
const MAX_DETAIL = 500;
const MAX_EXTERNAL_ID = 255;
const MAX_NOTE = 2_000;

/** Tells of each record what it means here, and everything about it that somebody should know. */
export class RecordReader {
  private readonly seen = new Set<string>();
  private index = 0;

  constructor(private readonly options: ReadingOptions) {}

  /** @throws UnreadableFile if there are too many */
  read(raw: RawRecord): ImportRecord {
    if (this.index === MAX_RECORDS) {
      throw new UnreadableFile(`The file has more than ${MAX_RECORDS} records. Split it.`);
    }
    const warnings = [...(raw.warnings ?? [])];
    const { line, code, domain, url, title, tags, ...rest } = raw;
    const { startsAt, expiresAt, maxClicks, createdAt, clicks, error, ...optional } = rest;
    const record: ImportRecord = {
      ...optional,
      index: this.index,
      line: line ?? null,
      code: plain(textOf(code)?.slice(0, MAX_SHOWN_CODE) ?? '') || null,
      domain: lineOf(domain)?.slice(0, MAX_SHOWN_CODE).toWellFormed().toLowerCase() || null,
      url: '',
      title: titleOf(title, warnings),
      tags: tagsOf(tags ?? [], warnings),
      startsAt: null,
      expiresAt: null,
      maxClicks: countOf(maxClicks, 'maxClicks', warnings) || null,
      createdAt: timeOrNote(createdAt, 'createdAt', warnings),
      clicks: countOf(clicks, 'clicks', warnings),
      warnings,
    };
    this.index += 1;
    limitTexts(record);
    checkTargets(record);
    const target = this.target(textOf(url) ?? '');
    record.url = target.url;
    const validity = validityOf(startsAt, expiresAt);
    record.startsAt = validity.startsAt;
    record.expiresAt = validity.expiresAt;
    if (record.expiresAt !== null && Date.parse(record.expiresAt) <= this.options.now) {
      warnings.push({ code: 'already-expired', detail: `ended at ${record.expiresAt}` });
    }
    const wrong = error ?? target.error ?? this.wrongCode(record) ?? validity.error;
    if (wrong) record.error = wrong;
    return record;
  }

  private target(text: string): { url: string; error?: ImportNote } {
    const raw = trimmed(text);
    if (raw === '') return { url: '', error: note('url-missing', 'has no target URL') };
    const shown = plain(raw.slice(0, MAX_URL));
    if (raw.length > MAX_URL) {
      const detail = `the target URL is longer than ${MAX_URL} characters`;
      return { url: shown, error: note('url-too-long', detail) };
    }
    const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(raw)?.[1]?.toLowerCase();
    const isWeb = scheme === 'http' || scheme === 'https';
    if (!isWeb && !this.options.allowedSchemes?.includes(scheme ?? '')) {
      const detail = 'the target URL must begin with http:// or https://';
      return { url: shown, error: note('url-scheme', detail) };
    }
    // The parser drops tabs and newlines.
    const url = /\p{Cc}/u.test(raw) ? undefined : parseUrl(raw);
    if (!url) return { url: shown, error: note('url-invalid', 'the target URL is not valid') };
    return { url: url.href };
  }

  private wrongCode({ code, domain }: ImportRecord): ImportNote | undefined {
    if (code === null) return undefined;
    if (!CODE.test(code)) {
      const detail = 'a code has 1 to 64 of the characters A-Z a-z 0-9 - _';
      return note('code-unsupported', detail);
    }
    const key = `${domain ?? ''}/${code}`;
    if (this.seen.has(key)) {
      return note('code-twice-in-file', 'an earlier record of the file has the same code');
    }
    this.seen.add(key);
    return undefined;
  }
}

/** What is in a file is text of anybody: the database holds no NUL and no lone surrogates. */
export const note = (code: string, detail: string): ImportNote => ({
  code,
  detail: plain(detail).slice(0, MAX_DETAIL).toWellFormed(),
});

const plain = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd');

/** Numbers are taken for text: a short code may be made of digits. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : undefined;
}

/** A line without control characters and without space around it; null if nothing is left. */
export const lineOf = (value: unknown): string | null =>
  trimmed((textOf(value) ?? '').toWellFormed().replace(/\p{Cc}+/gu, ' ')) || null;

/** Fields that only some services have, as they are allowed here. */
function limitTexts(record: ImportRecord): void {
  const { externalId, note: text } = record;
  if (externalId !== undefined && /^[^\p{Cc}\p{Cs}]{1,255}$/u.exec(externalId) === null) {
    const detail = `must have 1 to ${MAX_EXTERNAL_ID} characters, and is left out`;
    record.warnings.push(note('externalId-invalid', detail));
    delete record.externalId;
  }
  if (text === undefined) return;
  // oxlint-disable-next-line no-control-regex -- these are what it is about
  const lines = plain(text).replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g, ' ');
  record.note = firstPoints(lines, MAX_NOTE);
  if (record.note.length < lines.length) {
    record.warnings.push(note('note-too-long', `was cut to ${MAX_NOTE} characters`));
  }
}

function titleOf(value: unknown, warnings: ImportNote[]): string | null {
  const title = lineOf(value);
  const cut = title && firstPoints(title, MAX_TITLE);
  if (cut !== title) warnings.push(note('title-too-long', `was cut to ${MAX_TITLE} characters`));
  return cut;
}

/** The first characters, as code points: no half of one is left. */
const firstPoints = (text: string, count: number): string =>
  new RegExp(`^.{0,${count}}`, 'su').exec(text)![0];

function tagsOf(values: unknown[], warnings: ImportNote[]): string[] {
  const tags = new Set<string>();
  for (const value of values) {
    const tag = lineOf(value)?.slice(0, 500).normalize('NFC').toWellFormed();
    if (!tag) continue;
    if (firstPoints(tag, MAX_TAG) !== tag) {
      const detail = `the tag "${firstPoints(tag, 20)}…" has more than ${MAX_TAG} characters and is left out`;
      warnings.push(note('tag-too-long', detail));
    } else if (tags.size < MAX_TAGS) tags.add(tag);
    else if (!tags.has(tag) && warnings.at(-1)?.code !== 'too-many-tags') {
      warnings.push(note('too-many-tags', `only the first ${MAX_TAGS} are taken over`));
    }
  }
  return [...tags];
}

function countOf(value: unknown, name: 'clicks' | 'maxClicks', warnings: ImportNote[]): number {
  const text = textOf(value)?.trim() ?? '';
  if (text === '') return 0;
  const count = Number(text);
  const most = name === 'clicks' ? Number.MAX_SAFE_INTEGER : MAX_CLICKS;
  if (/^\d{1,16}$/.test(text) && count <= most) return count;
  warnings.push(note(`${name}-invalid`, `"${text.slice(0, 40).toWellFormed()}" is left out`));
  return 0;
}

function timeOrNote(value: unknown, name: string, warnings: ImportNote[]): string | null {
  const time = timeOf(value);
  if (time !== undefined) return time;
  warnings.push(note(`${name}-invalid`, 'is not a time, and is left out'));
  return null;
}

/** An end that cannot be read is no end to leave out: the link would never end. */
function validityOf(
  start: unknown,
  end: unknown,
): { startsAt: string | null; expiresAt: string | null; error?: ImportNote } {
  const [startsAt, expiresAt] = [timeOf(start), timeOf(end)];
  const times = { startsAt: startsAt ?? null, expiresAt: expiresAt ?? null };
  if (startsAt === undefined) return { ...times, error: note('startsAt-invalid', 'is not a time') };
  if (expiresAt === undefined) {
    return { ...times, error: note('expiresAt-invalid', 'is not a time') };
  }
  if (startsAt !== null && expiresAt !== null && startsAt >= expiresAt) {
    return { ...times, error: note('expiresAt-invalid', 'must be later than startsAt') };
  }
  return times;
}
