import type { ImportSource } from '../imports.types.js';
import { linesOf } from './lines.js';
import type { RawRecord } from './raw-record.js';
import { type SourceReader } from './source-reader.js';
import { UnreadableFile } from './unreadable-file.js';

export type Item = Record<string, unknown>;

/** The members of an object; none of anything else. */
export const membersOf = (value: unknown): Item =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Item) : {};

export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

export const textOrUndefined = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined;

/** A tag by its name, whether it is a text or has one. */
export const tagNames = (tags: unknown): unknown[] =>
  listOf(tags).map((tag) => (typeof tag === 'string' ? tag : membersOf(tag)['name']));

/**
 * A source whose file is one JSON document.
 * @param itemsOf its links
 * @param isLink whether something is a link of this source
 */
export function jsonReader(
  source: ImportSource,
  itemsOf: (document: unknown) => unknown[],
  isLink: (item: Item) => boolean,
  recordsOf: (item: Item) => RawRecord[],
): SourceReader {
  return {
    source,
    kind: 'json',
    matches: ({ document }) =>
      itemsOf(document)
        .slice(0, 20)
        .some((item) => isLink(membersOf(item))),
    *records({ document }) {
      for (const item of itemsOf(document)) yield* recordsOf(membersOf(item));
    },
  };
}

/** A source whose file has an object a line. */
export function jsonLinesReader(
  source: ImportSource,
  isLink: (item: Item) => boolean,
  recordOf: (item: Item) => RawRecord,
): SourceReader {
  return {
    source,
    kind: 'lines',
    matches: ({ sample }) => {
      for (const { line } of linesOf(sample)) return isLink(membersOf(parsed(line)));
      return false;
    },
    *records({ text }) {
      for (const { line, number } of linesOf(text)) {
        const item = parsed(line);
        if (item === undefined) throw new UnreadableFile(`Line ${number} is not valid JSON.`);
        yield { ...recordOf(membersOf(item)), line: number };
      }
    },
  };
}

/** Undefined if it is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
