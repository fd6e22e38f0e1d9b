import { type Info, parse } from 'csv-parse';
import { withoutGuards } from '../../common/csv.js';
import { note, type RawRecord } from './raw-record.js';
import { parsed } from './json-values.js';
import { signpostRecord } from './json.sources.js';
import { partsOf } from './short-url.js';
import { type Content, type SourceReader } from './source-reader.js';
import { UnreadableFile } from './unreadable-file.js';

/** In UTF-8; no link is longer. */
const MAX_ROW_BYTES = 262_144;
const MAX_COLUMNS = 200;

/** How columns are called, without case, spaces and signs. */
const SYNONYMS: Record<string, string[]> = {
  code: 'code shortcode slug keyword alias key backhalf path slashtag customcode address'.split(
    ' ',
  ),
  url: 'url longurl target targeturl destination destinationurl originalurl redirecturl long'.split(
    ' ',
  ),
  shortUrl: ['shorturl', 'shortlink', 'short', 'link'],
  domain: ['domain', 'host'],
  title: ['title', 'name', 'description'],
  tags: ['tags', 'labels', 'tag'],
  startsAt: ['startsat', 'validsince', 'startdate', 'validfrom'],
  expiresAt: 'expiresat validuntil expires expiry expiration expirationdate expirydate'.split(' '),
  maxClicks: ['maxclicks', 'maxvisits', 'clickslimit'],
  createdAt: 'createdat created datecreated creationdate date timestamp dateadded'.split(' '),
  clicks: ['clicks', 'visits', 'clickcount', 'hits', 'visitcount', 'totalclicks'],
  note: ['note', 'notes', 'comment', 'comments'],
  externalId: ['externalid'],
};
const FIELD_OF = new Map(
  Object.entries(SYNONYMS).flatMap(([field, names]) => names.map((name) => [name, field])),
);

type Cells = Map<string, string>;

export const shlinkCsv = csvReader(
  'shlink',
  ['shortCode', 'shortUrl', 'longUrl', 'visits'],
  (cells) => [fromSynonyms(cells)],
);

export const bitlyCsv = csvReader('bitly', ['Link', 'Custom Link', 'Destination URL'], (cells) => [
  {
    ...partsOf(cells.get('customlink') || cells.get('link')),
    url: cells.get('destinationurl'),
    title: cells.get('title'),
    tags: tagsIn(cells.get('tags')),
    createdAt: cells.get('datecreated'),
  },
]);

export const dubCsv = csvReader('dub', ['Short link', 'Destination URL', 'Link ID'], (cells) => [
  {
    ...fromSynonyms(cells),
    warnings: /^yes$/i.test(cells.get('archived') ?? '')
      ? [note('archived', 'is archived there')]
      : [],
  },
]);

export const shortlinkerCsv = csvReader(
  'shortlinker',
  ['code', 'target', 'click_count'],
  (cells) => {
    const hasPassword = (cells.get('password') ?? '') !== '';
    const warnings = hasPassword ? [note('password-hash', 'argon2 hash')] : [];
    return [{ ...fromSynonyms(cells), warnings, ...(hasPassword && { disabled: true }) }];
  },
);

export const signpostCsv = csvReader(
  'signpost',
  ['code', 'url', 'redirectStatus', 'spentClicks'],
  (cells, header) => {
    const item: Record<string, unknown> = {};
    for (const name of header) {
      const text = withoutGuards(cells.get(normalName(name)) ?? '');
      item[name] = /^(tags|rules|split)$/.test(name) ? parsed(text || '[]') : text;
    }
    return [signpostRecord(item)];
  },
);

/** Any table with a column of target URLs. */
export const plainCsv: SourceReader = {
  ...csvReader('csv', [], (cells) => [fromSynonyms(cells)]),
  matches: ({ sample }) => {
    const names = headerOf(sample).names.map(normalName);
    return names.some((name) => SYNONYMS['url']!.includes(name) || name === 'link');
  },
};

function csvReader(
  source: SourceReader['source'],
  columns: string[],
  recordsOf: (cells: Cells, header: string[]) => RawRecord[],
): SourceReader {
  return {
    source,
    kind: 'text',
    matches: ({ sample }) => {
      const names = new Set(headerOf(sample).names.map(normalName));
      return columns.every((column) => names.has(normalName(column)));
    },
    async *records(content) {
      let header: string[] | undefined;
      for await (const { cells, line } of rowsOf(content)) {
        if (!header) header = cells;
        else {
          const row: Cells = new Map();
          for (const [index, name] of header.entries()) {
            row.set(normalName(name), cells[index] ?? '');
          }
          for (const record of recordsOf(row, header)) yield { ...record, line };
        }
      }
    },
  };
}

function fromSynonyms(cells: Cells): RawRecord {
  const fields: Record<string, string> = {};
  for (const [name, value] of cells) {
    const field = FIELD_OF.get(name);
    if (field !== undefined && !fields[field]) fields[field] = withoutGuard(value);
  }
  const { shortUrl, tags, ...rest } = fields;
  // A table with a single column of links has no short ones.
  if (rest['url'] === undefined && shortUrl !== undefined)
    return { ...rest, url: shortUrl, tags: tagsIn(tags) };
  const parts = partsOf(shortUrl);
  return {
    ...rest,
    code: rest['code'] || parts.code,
    domain: rest['domain'] || parts.domain,
    tags: tagsIn(tags),
  };
}

const tagsIn = (text = ''): string[] => text.split(text.includes('|') ? '|' : ',');

/** Without the apostrophe that keeps a spreadsheet from taking a text for a formula. */
const withoutGuard = (text: string): string => text.replace(/^'(?=[=+\-@\t\r])/, '');

const normalName = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** The first line tells the delimiter: whichever there is most of outside of quotes. */
function headerOf(sample: string): { names: string[]; delimiter: string } {
  const line = (/[^\r\n]+/.exec(sample)?.[0] ?? '').slice(0, 10_000);
  const bare = line.replace(/"[^"]*"/g, '');
  const counts = [',', ';', '\t'].map((sign) => bare.split(sign).length);
  const delimiter = [',', ';', '\t'][counts.indexOf(Math.max(...counts))]!;
  const names = line.split(delimiter).map((name) => name.trim().replace(/^"|"$/g, ''));
  return { names, delimiter };
}

async function* rowsOf({
  text,
  sample,
}: Content): AsyncGenerator<{ cells: string[]; line: number }> {
  const parser = parse({
    delimiter: headerOf(sample).delimiter,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    max_record_size: MAX_ROW_BYTES,
    info: true,
  });
  feed(parser, text);
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: string[];
      info: Info;
    }>) {
      yield { cells: record.slice(0, MAX_COLUMNS), line: info.lines };
    }
  } catch (error) {
    // A quote that is never closed, and rows without end.
    throw new UnreadableFile(`The table cannot be read: ${(error as Error).message.slice(0, 200)}`);
  }
}

/** A piece at a time, so that no more rows wait than are asked for. */
function feed(parser: ReturnType<typeof parse>, text: string): void {
  let at = 0;
  const write = (): void => {
    while (at < text.length) {
      let end = Math.min(text.length, at + 65_536);
      // Not between the halves of one character.
      if (end < text.length && /[\ud800-\udbff]/.test(text[end - 1]!)) end += 1;
      const piece = text.slice(at, end);
      at = end;
      if (!parser.write(piece)) {
        parser.once('drain', write);
        return;
      }
    }
    parser.end();
  };
  write();
}
