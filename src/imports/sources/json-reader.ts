import type { ImportSource } from '../imports.types.js';
import { type Item, membersOf, parsed } from './json-values.js';
import { linesOf } from './lines.js';
import type { RawRecord } from './raw-record.js';
import type { SourceReader } from './source-reader.js';
import { UnreadableFile } from './unreadable-file.js';

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
