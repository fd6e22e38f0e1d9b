import { repairMojibake } from './decode-text.js';
import { note, type RawRecord } from './raw-record.js';
import { readSqlDump, type SqlRow } from './sql-dump.js';
import type { SourceReader } from './source-reader.js';

const YOURLS = ['keyword', 'url', 'title', 'timestamp', 'ip', 'clicks'];
const POLR = [
  'id',
  'short_url',
  'long_url',
  'ip',
  'creator',
  'clicks',
  'secret_key',
  'is_disabled',
  'is_custom',
  'is_api',
  'created_at',
  'updated_at',
  'long_url_hash',
];

/** Tables come in the order of their names, and that of links behind that of clicks. */
const insertsInto = (table: string): RegExp =>
  new RegExp(
    `\\b(?:insert|replace)\\s[a-z_\\s]{0,60}into\\s+[\`"\\w.]{0,200}${table}[\`"\\s(]`,
    'i',
  );

type Values = Record<string, string | null | undefined>;

/** Tables have a prefix that everybody chooses: `yourls_url`, `short_url`. */
const isYourls = ({ table, columns }: SqlRow): boolean =>
  columns ? columns.includes('keyword') && columns.includes('url') : /(^|_)url$/.test(table);

const isPolr = ({ table, columns }: SqlRow): boolean =>
  columns
    ? columns.includes('short_url') && columns.includes('long_url')
    : /(^|_)links$/.test(table);

export const yourlsDump: SourceReader = {
  source: 'yourls',
  kind: 'sql',
  matches: ({ text }) => insertsInto('url').test(text),
  *records(content) {
    for (const row of readSqlDump(content.text)) {
      if (!isYourls(row)) continue;
      // Who does not want to keep addresses has dropped that column.
      const usual = row.values.length === 5 ? YOURLS.filter((name) => name !== 'ip') : YOURLS;
      const { keyword, url, title, timestamp, clicks } = named(row, usual);
      yield { code: keyword, url, title: repaired(title), createdAt: timestamp, clicks };
    }
  },
};

export const polrDump: SourceReader = {
  source: 'polr',
  kind: 'sql',
  matches: ({ text }) => insertsInto('links').test(text),
  *records(content) {
    for (const row of readSqlDump(content.text)) if (isPolr(row)) yield fromPolr(named(row, POLR));
  },
};

function fromPolr(values: Values): RawRecord {
  const { short_url: code, long_url: url, clicks, created_at: createdAt } = values;
  const record: RawRecord = { code, url, clicks, createdAt, warnings: [] };
  if (values['secret_key']) {
    // Without its ending it led nowhere: who knows only the code is not to be sent there now.
    record.disabled = true;
    const detail = `/${code}/${values['secret_key']}: no counterpart`;
    record.warnings!.push(note('secret-ending', detail));
  }
  if (values['is_disabled'] === '1') {
    record.disabled = true;
    record.warnings!.push(note('disabled', 'was disabled'));
  }
  return record;
}

function named({ columns, values }: SqlRow, usual: string[]): Values {
  const names = columns ?? usual;
  return Object.fromEntries(names.map((name, index) => [name, values[index]]));
}

const repaired = (text: string | null | undefined) =>
  typeof text === 'string' ? repairMojibake(text) : text;
