import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { ImportNote, ImportRecord } from '../imports.types.js';
import { openFiles } from './read-file.js';
import { UnreadableFile } from './unreadable-file.js';

const SAMPLES = 'test/fixtures/import-samples';
const now = Date.UTC(2026, 10, 28);

interface Expected extends Record<string, unknown> {
  warnings: string[];
}

const expected = JSON.parse(readFileSync(`${SAMPLES}/expected.json`, 'utf8')) as Record<
  string,
  (Expected | string)[]
>;

/** Which note stands for the words of expected.json, for each of them. */
const NOTES: Record<string, Partial<ImportNote>> = {
  'rules-fetched-separately': { code: 'rules-fetched-separately' },
  'already-expired': { code: 'already-expired' },
  'tag-too-long': { code: 'tag-too-long' },
  'password-lost: made disabled': { code: 'password-lost', detail: 'made disabled' },
  'banned: made disabled': { code: 'banned', detail: 'made disabled' },
  'foreign-domain bit.ly': { code: 'foreign-domain', detail: 'bit.ly' },
  'alias-of bit.ly/3aBcDeF': { code: 'alias-of', detail: 'bit.ly/3aBcDeF' },
  archived: { code: 'archived' },
  'maps-to-rule geo': { code: 'maps-to-rule', detail: 'geo' },
  'maps-to-rule ios': { code: 'maps-to-rule', detail: 'ios' },
  'maps-to-rule apple': { code: 'maps-to-rule', detail: 'apple' },
  'maps-to-rule google': { code: 'maps-to-rule', detail: 'google' },
  'maps-to-rule password': { code: 'maps-to-rule', detail: 'password' },
  'maps-to-rule testVariants': { code: 'maps-to-rule', detail: 'testVariants' },
  'maps-to-rule expiredUrl': { code: 'maps-to-rule', detail: 'expiredUrl' },
  'secret ending /memo/8f3a: no counterpart': {
    code: 'secret-ending',
    detail: '/memo/8f3a: no counterpart',
  },
  disabled: { code: 'disabled' },
  'path is appended': { code: 'path-appended', detail: 'path is appended' },
  'owner ann@example.test': { code: 'owner', detail: 'ann@example.test' },
  'owner bob@github': { code: 'owner', detail: 'bob@github' },
  template: { code: 'template' },
  'argon2 hash': { code: 'password-hash', detail: 'argon2 hash' },
};

/** Fields that a record has if and only if it is expected to. */
const OPTIONAL = ['externalId', 'forwardQuery', 'forwardPath', 'indexable', 'error'];

async function readAll(name: string, bytes = readFileSync(`${SAMPLES}/${name}`)) {
  const { source, records } = openFiles({ files: [bytes], name }, { now });
  const read: ImportRecord[] = [];
  for await (const record of records) read.push(record);
  return { source, read };
}

const SOURCES: Record<string, string> = {
  'yourls-mysqldump.sql': 'yourls',
  'yourls-hex-navicat.sql': 'yourls',
  'yourls-latin1-mojibake.sql': 'yourls',
  'yourls-api-stats.json': 'yourls',
  'shlink-v3-short-urls.json': 'shlink',
  'shlink-web-client.csv': 'shlink',
  'kutt-v2-links.json': 'kutt',
  'bitly-v4-bitlinks.json': 'bitly',
  'bitly-export.csv': 'bitly',
  'dub-links.json': 'dub',
  'dub-export.csv': 'dub',
  'polr-links.sql': 'polr',
  'golink-export.jsonl': 'golink',
  'chhoto-api-all.json': 'chhoto',
  'sink-export.json': 'sink',
  'shortlinker-export.csv': 'shortlinker',
  'rebrandly-links.json': 'rebrandly',
  'shortio-links.json': 'shortio',
  'plain-semicolon-utf8-bom.csv': 'csv',
  'plain-utf16le-tab.csv': 'csv',
  'plain-windows-1252.csv': 'csv',
  'plain-edge.csv': 'csv',
  'urls.txt': 'urls',
  'bookmarks.html': 'bookmarks',
};

describe('The samples of exports', () => {
  it('are all expected to mean something', () => {
    const withRecords = Object.keys(expected).filter(
      (name) => typeof expected[name]![0] === 'object',
    );
    expect(Object.keys(SOURCES).toSorted()).toEqual(withRecords.toSorted());
    expect(readdirSync(SAMPLES)).toEqual(expect.arrayContaining(Object.keys(expected)));
  });

  it.each(Object.keys(SOURCES))(
    '%s is told from its content, and means what is expected',
    async (name) => {
      const records = expected[name] as Expected[];
      const { source, read } = await readAll(name);
      expect(source).toBe(SOURCES[name]);
      expect(read).toHaveLength(records.length);
      for (const [index, { warnings, error, ...fields }] of records.entries()) {
        const record = read[index]!;
        expect(record).toMatchObject({ ...fields, index });
        const notes = warnings.map((words) => {
          if (!NOTES[words]) throw new Error(`no note stands for "${words}"`);
          return expect.objectContaining(NOTES[words]);
        });
        expect(record.warnings).toEqual(notes);
        expect(record.error?.code).toBe(error);
        const optional = OPTIONAL.filter((field) => field in record);
        expect(optional).toEqual(OPTIONAL.filter((field) => field in records[index]!));
      }
    },
  );

  it('with redirect rules keep those that have a counterpart, in their order', async () => {
    const rules = JSON.parse(
      readFileSync(`${SAMPLES}/shlink-v3-redirect-rules.json`, 'utf8'),
    ) as object;
    const file = JSON.parse(readFileSync(`${SAMPLES}/shlink-v3-short-urls.json`, 'utf8')) as {
      shortUrls: { data: object[] };
    };
    Object.assign(file.shortUrls.data[0]!, rules);
    const { read } = await readAll('', Buffer.from(JSON.stringify(file)));
    expect(read[0]).toMatchObject({
      rules: [
        { when: { os: ['Android'], language: ['pt-BR'] }, url: 'https://play.example.test/lamps' },
        { when: { country: ['DE'] }, url: 'https://shop.example.test/de' },
        { when: { query: { vip: ['1'], beta: [''] } }, url: 'https://shop.example.test/vip' },
        { when: { from: '2026-11-30T23:00:00.000Z' }, url: 'https://shop.example.test/after' },
      ],
      warnings: [{ code: 'rule-left-out', detail: expect.stringContaining('ip-address') }],
    });
    const dub = await readAll('dub-links.json');
    expect(dub.read[0]).toMatchObject({
      rules: [{ when: { os: ['iOS'] } }, { when: { country: ['FR'] } }],
      split: [{ weight: 50 }, { weight: 50 }],
    });
  });

  it.each([
    [{ when: { device: 'ios' }, url: 'https://a.example/' }],
    [{ when: { os: ['no such system'] }, url: 'https://a.example/' }],
    [{ when: {}, url: 'https://a.example/' }],
    [{ when: { ['__proto__']: ['x'], toString: ['x'] }, url: 'https://a.example/' }],
    [{ when: { query: { a: 'b' } }, url: 'https://a.example/' }],
    [{ when: { country: ['DE'] }, url: 7 }],
    ['a rule'],
  ])('of this service leave out what is no rule: %j', async (rule) => {
    const good = { when: { country: ['AT'] }, url: 'https://b.example/', name: 'austria' };
    const line = {
      code: 'x',
      url: 'https://example.com/',
      redirectStatus: 302,
      rules: [rule, good],
      split: [rule],
    };
    const { read } = await readAll('', Buffer.from(`${JSON.stringify(line)}\n`));
    expect(read[0]!.rules).toEqual([good]);
    expect(read[0]!.split).toBeUndefined();
    expect(read[0]!.warnings.map((warning) => warning.code)).toEqual([
      'rule-left-out',
      'split-left-out',
    ]);
  });

  it('are told apart without their names, too', async () => {
    for (const [name, source] of Object.entries(SOURCES)) {
      const bytes = readFileSync(`${SAMPLES}/${name}`);
      expect([name, openFiles({ files: [bytes] }, { now }).source]).toEqual([name, source]);
    }
  });

  it('that are broken are refused, not half read', async () => {
    await expect(readAll('bitly-v4-invalid-json.txt')).rejects.toThrow('not valid JSON');
    await expect(readAll('golink-export-stats.csv')).rejects.toThrow(UnreadableFile);
  });
});
