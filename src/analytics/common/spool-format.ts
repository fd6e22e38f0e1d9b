import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/** A click as the redirect saw it; everything else is found out when it is ingested. */
export interface ClickRecord {
  /** When it was answered; Unix milliseconds. */
  clickedAt: number;
  linkId: string;
  /** The client's address. It stays in the spool and never reaches the database. */
  address: string;
  userAgent: string;
  referrer: string;
  /** The Accept-Language header. */
  language: string;
  /** The query string of the short URL, without "?". */
  query: string;
  /** Fetched ahead by the browser (Sec-Purpose: prefetch), perhaps never seen by anybody. */
  isPrefetch: boolean;
  /** The name of the rule or variant that led elsewhere than to the link's own URL. */
  target?: string;
}

/*
 * The spool on disk:
 *   <root>/<writer>/alive.lock         held by the writer while it lives
 *   <root>/<writer>/<segment>.open     being written
 *   <root>/<writer>/<segment>.sealed   complete, to be ingested
 *   <root>/quarantine/                 what could not be read or stored, kept aside
 *   <root>/done/<archive>.kept         ingested segments, compressed, kept for a while
 *   <root>/done/replay                 there while kept segments are to be offered again
 *   <root>/ingester.lock               held by the one ingester of this spool
 * Writers, segments and archives are named by UUIDs.
 */
export const OPEN = '.open';
export const SEALED = '.sealed';
export const QUARANTINE = 'quarantine';
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const spoolRoot = (dataDir: string): string => join(dataDir, 'spool');
export const writerLock = (writerDirectory: string): string => join(writerDirectory, 'alive.lock');
export const doneDirectory = (root: string): string => join(root, 'done');
export const replayMarker = (root: string): string => join(doneDirectory(root), 'replay');
export const ingesterLock = (root: string): string => join(root, 'ingester.lock');

/** One line: the CRC-32 of what follows in 8 hexadecimal digits, a space, a JSON array, a newline. */
export function encodeClick(click: ClickRecord): string {
  const known =
    `[${click.clickedAt},"${click.linkId}",${quote(click.address)},${quote(click.userAgent)},` +
    `${quote(click.referrer)},${quote(click.language)},${quote(click.query)},${click.isPrefetch ? 1 : 0}`;
  const json = click.target === undefined ? `${known}]` : `${known},${quote(click.target)}]`;
  return `${checksum(json)} ${json}\n`;
}

/** As JSON.stringify has it, which takes twice as long for the plain text that most headers are. */
const quote = (text: string): string => (TO_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`);

/** All but printable ASCII without quotes and backslashes. */
const TO_ESCAPE = /[^ !#-[\]-~]/;

/** The click of a line (without its newline), or undefined if the line is damaged. */
export function decodeClick(line: string): ClickRecord | undefined {
  const json = line.slice(9);
  if (line[8] !== ' ' || line.slice(0, 8) !== checksum(json)) return undefined;
  let fields: unknown;
  try {
    fields = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (!Array.isArray(fields)) return undefined;
  const [clickedAt, linkId, address, userAgent, referrer, language, query, flags, target] =
    fields as unknown[];
  const texts = [address, userAgent, referrer, language, query];
  if (target !== undefined) texts.push(target);
  if (!isTime(clickedAt) || typeof linkId !== 'string' || !UUID.test(linkId)) return undefined;
  if (!texts.every((text) => typeof text === 'string')) return undefined;
  const [a, u, r, l, q] = texts as [string, string, string, string, string];
  return {
    clickedAt,
    linkId,
    address: a,
    userAgent: u,
    referrer: r,
    language: l,
    query: q,
    isPrefetch: flags === 1,
    ...(target !== undefined && { target: target as string }),
  };
}

/**
 * The parts of a damaged line that may be clicks of their own: if the newline between two clicks is
 * damaged, both are whole. No text inside a click looks like the start of one, since its quotes are
 * escaped there.
 */
export function splitDamaged(line: string): string[] {
  const starts = [...line.matchAll(/[0-9a-f]{8} \[(?=\d)/g)].map(({ index }) => index);
  const bounds = [...new Set([0, ...starts])];
  // Between two clicks is the one character that the newline has become.
  return bounds.map((start, index) =>
    line.slice(start, index + 1 < bounds.length ? bounds[index + 1]! - 1 : undefined),
  );
}

/**
 * Why a click is not stored with its segment, and kept aside: the database refuses it, or it was not found
 * out in time which of several it refuses.
 */
export const MARKS = ['refused', 'undecided'] as const;
export type Mark = (typeof MARKS)[number];

/** The line of a click that no longer belongs to its segment. Earlier versions take it for damaged. */
export function encodeMarked(mark: Mark, click: ClickRecord): string {
  const line = encodeClick(click);
  return `${mark} ${line.slice(9, -1)} ${line.slice(0, 8)}\n`;
}

/** Undefined if the line (without its newline) is none of these, or damaged. */
export function decodeMarked(line: string): { mark: Mark; record: ClickRecord } | undefined {
  const mark = MARKS.find((word) => line.startsWith(`${word} `));
  if (mark === undefined || line.at(-9) !== ' ') return undefined;
  const record = decodeClick(`${line.slice(-8)} ${line.slice(mark.length + 1, -9)}`);
  return record && { mark, record };
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** By a table, since toString and padStart take as long as the CRC itself. */
function checksum(text: string): string {
  const crc = crc32(text);
  return HEX[crc >>> 24]! + HEX[(crc >>> 16) & 255]! + HEX[(crc >>> 8) & 255]! + HEX[crc & 255]!;
}

/** From 2020 to 2200: a clock that is further off than that is broken. */
const isTime = (value: unknown): value is number =>
  Number.isSafeInteger(value) &&
  (value as number) > 1577836800000 &&
  (value as number) < 7258118400000;
