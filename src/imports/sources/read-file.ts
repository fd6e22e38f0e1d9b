import { extname } from 'node:path';
import { insistOnShape } from '../../platform/http/body-shape.js';
import type { ImportRecord, ImportSource } from '../imports.types.js';
import {
  bitlyCsv,
  dubCsv,
  plainCsv,
  shlinkCsv,
  shortlinkerCsv,
  signpostCsv,
} from './csv.sources.js';
import { decodeText } from './decode-text.js';
import {
  bitly,
  chhoto,
  dub,
  golink,
  kutt,
  rebrandly,
  shlink,
  shortio,
  signpostLines,
  sink,
  yourlsApi,
} from './json.sources.js';
import { parsed } from './json-values.js';
import { type ReadingOptions, RecordReader } from './raw-record.js';
import { type Content, type SourceReader } from './source-reader.js';
import { UnreadableFile } from './unreadable-file.js';
import { polrDump, yourlsDump } from './sql.sources.js';
import { bookmarks, urlList } from './text.sources.js';

/** Those that ask for more come first. */
const READERS: SourceReader[] = [
  shlink,
  yourlsApi,
  kutt,
  bitly,
  dub,
  chhoto,
  rebrandly,
  shortio,
  sink,
  golink,
  signpostLines,
  polrDump,
  yourlsDump,
  bookmarks,
  signpostCsv,
  shlinkCsv,
  bitlyCsv,
  dubCsv,
  shortlinkerCsv,
  urlList,
  plainCsv,
];

/** Enough for the first lines of any file. */
const SAMPLE = 65_536;

/** Three times what any export has in 50 MB. */
const MAX_VALUES = 4_000_000;

/** Which files are read: one, or the answers of a service. */
export interface ImportFiles {
  files: Buffer[];
  /** As it was called; its ending helps where the content does not tell. */
  name?: string;
  /** If it is known. */
  source?: ImportSource;
}

/** What a file turned out to be. */
export interface OpenedFile {
  source: ImportSource;
  records: AsyncIterable<ImportRecord>;
}

/**
 * Finds out which service the files are from, all of them from the same, and reads them.
 * @throws UnreadableFile also while they are read
 */
export function openFiles(given: ImportFiles, options: ReadingOptions): OpenedFile {
  const [first = Buffer.alloc(0), ...others] = given.files;
  const { reader, content } = readerFor(first, given);
  const source = given.source ?? reader.source;
  return { source, records: recordsOf(reader, content, others, { ...given, source }, options) };
}

async function* recordsOf(
  reader: SourceReader,
  content: Content,
  others: Buffer[],
  given: ImportFiles,
  options: ReadingOptions,
): AsyncGenerator<ImportRecord> {
  const records = new RecordReader(options);
  for await (const raw of reader.records(content)) yield records.read(raw);
  for (const bytes of others) {
    const next = readerFor(bytes, given);
    for await (const raw of next.reader.records(next.content)) yield records.read(raw);
  }
}

function readerFor(
  bytes: Buffer,
  { name, source }: ImportFiles,
): { reader: SourceReader; content: Content } {
  const content = contentOf(bytes, name);
  const reader = READERS.find(
    (each) =>
      (source === undefined || source === each.source) &&
      isOfKind(content, each) &&
      each.matches(content),
  );
  if (!reader) throw new UnreadableFile(whatIsWrong(source, content));
  return { reader, content };
}

/** A single line of JSON may be the document of one source, or all lines of another one. */
const isOfKind = ({ kind, isLines }: Content, reader: SourceReader): boolean =>
  reader.kind === kind || (reader.kind === 'lines' && isLines === true);

function contentOf(bytes: Buffer, name = ''): Content {
  const text = decodeText(bytes);
  const sample = text.slice(0, SAMPLE);
  const start = sample.trimStart();
  const ending = extname(name).toLowerCase();
  if (/^[[{]/.test(start)) {
    // Of lines the first one is an object of its own.
    const isLines =
      /^\{[^\n]*\}[ \t\r]*(\n|$)/.test(start) && parsed(firstLine(start)) !== undefined;
    insistOnFewValues(text);
    const document = parsed(text);
    if (document !== undefined) return { kind: 'json', text, sample, document, isLines };
    if (isLines) return { kind: 'lines', text, sample };
    throw new UnreadableFile('The file is not valid JSON.');
  }
  if (ending === '.sql' || /^\s*(insert|replace)\s+into\s/im.test(sample)) {
    return { kind: 'sql', text, sample };
  }
  if (/^<!doctype netscape|<(dl|a\s)/i.test(start) && start.startsWith('<')) {
    return { kind: 'html', text, sample };
  }
  return { kind: 'text', text, sample };
}

/** To run out of memory while JSON is parsed ends the whole process, and not the thread alone. */
function insistOnFewValues(text: string): void {
  try {
    insistOnShape(Buffer.from(text), MAX_VALUES);
  } catch {
    throw new UnreadableFile(`The file has more than ${MAX_VALUES} values, or is nested too deep.`);
  }
}

const firstLine = (text: string): string => text.split('\n', 1)[0]!;

function whatIsWrong(source: ImportSource | undefined, { text }: Content): string {
  if (text.trim() === '') return 'The file is empty.';
  if (source !== undefined) return `The file does not look like one of the source "${source}".`;
  return 'What the file is from cannot be told: it has neither links of a known service nor a first line that names columns, one of them "url". Name its source.';
}
