import type { ImportSource } from '../imports.types.js';
import type { RawRecord } from './raw-record.js';

/** A file, as far as every source wants to know it. */
export interface Content {
  kind: 'json' | 'lines' | 'sql' | 'html' | 'text';
  text: string;
  /** Its beginning, by which sources are told apart. */
  sample: string;
  /** What the JSON of it says. */
  document?: unknown;
  /** Whether it is JSON that may be one of many lines. */
  isLines?: boolean;
}

/** Reads the files of one source. */
export interface SourceReader {
  source: ImportSource;
  kind: Content['kind'];
  /** Whether the file looks like one of this source. */
  matches(content: Content): boolean;
  records(content: Content): Iterable<RawRecord> | AsyncIterable<RawRecord>;
}
