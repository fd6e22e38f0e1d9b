import { describe, expect, it } from '@jest/globals';
import { readRows } from '../click-rows.js';
import { PackedColumn } from '../pack-column.js';
import { ROW_COLUMNS } from '../pack-layout.js';
import type { PackParts } from '../pack-builder.js';
import { PackedLinks } from '../packed-links.js';
import { PackedWords } from '../packed-words.js';
import { FOLDED, MOST_VALUES } from '../rare-values.js';
import { levelToMerge, mergePacks, packClicks, unpack } from './click-packer.js';
import type { CountedClick } from './ingestion.types.js';

const DAY = Date.UTC(2026, 10, 23);
const QUARTER = 15 * 60_000;
const [A, B] = [3, 700_000];
const clicks: CountedClick[] = [
  {
    linkNumber: A,
    clickedAt: DAY,
    isBot: false,
    isNewVisitor: true,
    dimensions: { country: 'US', utm_source: 'mail' },
  },
  {
    linkNumber: B,
    clickedAt: DAY + 50 * QUARTER,
    isBot: true,
    isNewVisitor: false,
    dimensions: {},
  },
  {
    linkNumber: A,
    clickedAt: DAY + 95 * QUARTER,
    isBot: false,
    isNewVisitor: false,
    dimensions: { browser: 'Firefox' },
  },
];

const withoutLinks = (those: CountedClick[]): CountedClick[] =>
  those.map(({ linkNumber: _, ...rest }) => rest);

const inAnyOrder = (items: unknown[]): string[] =>
  items.map((item) => JSON.stringify(item)).toSorted();

/** Number, humans, visitors and bots of each. */
function linksIn({ links }: PackParts): number[][] {
  const packed = new PackedLinks(links!);
  const counts = packed.counts();
  return Array.from(packed.numbers(), (number, place) => [
    number,
    ...[0, 1, 2].map((kind) => counts[kind * packed.size + place]!),
  ]);
}

/** Kind, country, link and quarter of each click, in the order of rows. */
function byRow({ rows, row_links, row_quarters, links }: PackParts): unknown[] {
  const { size, columns, weights } = readRows(rows!, ROW_COLUMNS.length);
  const [kinds, countries] = (['kind', 'country'] as const).map((name) =>
    PackedColumn.decode(columns[ROW_COLUMNS.indexOf(name)]!, size),
  );
  const numbers = new PackedLinks(links!).numbers();
  const places = new PackedWords(row_links!);
  const rowOfClicks = [...weights].flatMap((weight, row) => Array<number>(weight).fill(row));
  return rowOfClicks.map((row, click) => [
    kinds!.valueAt(row),
    countries!.valueAt(row),
    numbers[places.at(click)],
    row_quarters![click],
  ]);
}

/** The same, in the order of links. */
function byLink(parts: PackParts): unknown[] {
  const { size, columns } = readRows(parts.rows!, ROW_COLUMNS.length);
  const [kinds, countries] = (['kind', 'country'] as const).map((name) =>
    PackedColumn.decode(columns[ROW_COLUMNS.indexOf(name)]!, size),
  );
  const rows = new PackedWords(parts.link_rows!);
  const linkOfClicks = linksIn(parts).flatMap(([number, ...counts]) =>
    Array<number>(counts.reduce((sum, count) => sum + count)).fill(number!),
  );
  return linkOfClicks.map((number, click) => [
    kinds!.valueAt(rows.at(click)),
    countries!.valueAt(rows.at(click)),
    number,
    parts.link_quarters![click],
  ]);
}

const LINKS_OF_CLICKS = [
  [A, 1, 1, 0],
  [B, 0, 0, 1],
];
const TOLD = [
  ['visitor', 'US', A, 0],
  ['bot', null, B, 50],
  ['human', null, A, 95],
];

describe(packClicks, () => {
  it('keeps all that is counted of the clicks of a workspace', () => {
    const pack = packClicks('workspace', { ownerId: 'team', day: DAY, clicks });
    expect(pack).toMatchObject({ ownerId: 'team', day: DAY, level: 0, clicks: 3 });
    expect(inAnyOrder(unpack(pack))).toEqual(inAnyOrder(withoutLinks(clicks)));
    expect(linksIn(pack.parts)).toEqual(LINKS_OF_CLICKS);
  });

  it('tells the same in the order of rows and in that of links', () => {
    const { parts } = packClicks('workspace', { ownerId: 'team', day: DAY, clicks });
    expect(inAnyOrder(byRow(parts))).toEqual(inAnyOrder(TOLD));
    expect(inAnyOrder(byLink(parts))).toEqual(inAnyOrder(TOLD));
  });

  it('knows of times the quarter of an hour, and the link of a link', () => {
    const late = clicks.map((click) => ({ ...click, clickedAt: click.clickedAt + QUARTER - 1 }));
    const pack = packClicks('link', { ownerId: 'link', day: DAY, clicks: late });
    expect(inAnyOrder(unpack(pack))).toEqual(inAnyOrder(withoutLinks(clicks)));
    expect(Object.keys(pack.parts)).toEqual(['rows', 'row_quarters']);
  });
});

describe(mergePacks, () => {
  it('has the clicks of all packs', () => {
    const parts = [clicks.slice(0, 1), clicks.slice(1)].map((part) =>
      packClicks('workspace', { ownerId: 'team', day: DAY, clicks: part }),
    );
    const merged = mergePacks('workspace', [parts[0]!, parts[1]!], 1);
    expect(merged).toMatchObject({ ownerId: 'team', day: DAY, level: 1, clicks: 3 });
    expect(merged.parts).toEqual(packClicks('workspace', { ...merged, clicks }).parts);
  });

  it('has one row for clicks of several packs that are alike', () => {
    const [a, b] = [clicks, clicks].map((part) =>
      packClicks('workspace', { ownerId: 'team', day: DAY, clicks: part }),
    );
    const { parts } = mergePacks('workspace', [a!, b!], 1);
    const { size, weights } = readRows(parts.rows!, ROW_COLUMNS.length);
    expect([size, [...weights]]).toEqual([3, [2, 2, 2]]);
    expect(linksIn(parts)).toEqual(
      LINKS_OF_CLICKS.map(([number, ...counts]) => [number, ...counts.map((count) => 2 * count)]),
    );
    for (const told of [byRow(parts), byLink(parts)])
      expect(inAnyOrder(told)).toEqual(inAnyOrder([...TOLD, ...TOLD]));
  });
});

describe('A pack of clicks whose values are all different', () => {
  const most = MOST_VALUES.link;
  const stranger = (n: number): CountedClick => ({
    clickedAt: DAY,
    isBot: false,
    isNewVisitor: false,
    dimensions: {
      referrer: n % 10 === 0 ? 'news.example' : `${n}.example`,
      utm_source: `source-${n}`,
      utm_campaign: `campaign-${n}`,
    },
  });
  const packs = [0, 1, 2].map((batch) =>
    packClicks('link', {
      ownerId: 'link',
      day: DAY,
      clicks: Array.from({ length: 2 * most }, (_, n) => stranger(batch * 2 * most + n)),
    }),
  );
  const valuesOf = (pack: (typeof packs)[number]) => {
    const { size, columns } = readRows(pack.parts.rows!, ROW_COLUMNS.length);
    return columns.map((bytes) => PackedColumn.decode(bytes, size).values.length);
  };

  it('tells as many as it may, and of the others how many they are', () => {
    const [pack] = packs;
    expect(Math.max(...valuesOf(pack!))).toBeLessThanOrEqual(most + 2);
    const told = unpack(pack!);
    expect(told).toHaveLength(2 * most);
    const from = (host: string) => told.filter((click) => click.dimensions.referrer === host);
    expect(from('news.example')).toHaveLength(most / 5);
    expect(from(FOLDED)).toHaveLength(1.8 * most - (most - 1));
  });

  it('is no larger than one of them when several are merged', () => {
    const merged = mergePacks('link', [packs[0]!, packs[1]!, packs[2]!], 1);
    expect(Math.max(...valuesOf(merged))).toBeLessThanOrEqual(most + 2);
    expect(merged.parts.rows!.length).toBeLessThan(1.2 * packs[0]!.parts.rows!.length);
    const told = unpack(merged);
    expect(told).toHaveLength(6 * most);
    expect(told.filter(({ dimensions }) => dimensions.referrer === 'news.example')).toHaveLength(
      0.6 * most,
    );
  });
});

describe(levelToMerge, () => {
  it.each([
    [0, 0],
    [1, 0],
    [15, 0],
    [16, 1],
    [17, 0],
    [240, 1],
    [256, 2],
    [4_096, 3],
  ])('after %i packs is %i', (packs, level) => {
    expect(levelToMerge(packs)).toBe(level);
  });

  it('leaves a day with few packs, each click of which was rewritten a few times', () => {
    const packs = new Map<number, number>();
    let rewritten = 0;
    for (let count = 1; count <= 86_400; count += 1) {
      packs.set(0, (packs.get(0) ?? 0) + 1);
      const level = levelToMerge(count);
      if (level === 0) continue;
      for (const [other, number] of packs) {
        if (other >= level) continue;
        rewritten += number * 16 ** other;
        packs.delete(other);
      }
      packs.set(level, (packs.get(level) ?? 0) + 1);
    }
    const left = [...packs.values()].reduce((sum, number) => sum + number, 0);
    expect(left).toBeLessThanOrEqual(60);
    expect(rewritten / 86_400).toBeLessThan(5);
  });
});
