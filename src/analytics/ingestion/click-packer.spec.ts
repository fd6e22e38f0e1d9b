import { describe, expect, it } from '@jest/globals';
import { unfold } from '../folded-clicks.js';
import { PackedColumn } from '../pack-column.js';
import { FOLDED_COLUMNS } from '../pack-layout.js';
import { LINK_WORDS, PackedLinks } from '../packed-links.js';
import { levelToMerge, mergePacks, packClicks, unpack } from './click-packer.js';
import type { CountedClick } from './ingestion.types.js';

const DAY = Date.UTC(2026, 10, 23);
const QUARTER = 15 * 60_000;
const [A, B] = [3, 700_000];
/** As many as none of the packs here has. */
const MANY = 10;

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

/** As they are in the packs of a workspace. */
const byLink = [clicks[0], clicks[2], clicks[1]];

const withoutLinks = (those: (CountedClick | undefined)[]): CountedClick[] =>
  those.map((click) => {
    const { linkNumber: _, ...rest } = click!;
    return rest;
  });

/** Number, clicks, bots and visitors of each. */
function linksIn(bytes: Buffer): number[][] {
  const { size, words } = new PackedLinks(bytes).toList();
  return Array.from({ length: size }, (_, n) => [
    ...words.subarray(n * LINK_WORDS, (n + 1) * LINK_WORDS),
  ]);
}

describe(packClicks, () => {
  it('keeps all that is counted of the clicks of a workspace', () => {
    const pack = packClicks('workspace', { ownerId: 'team', day: DAY, clicks }, MANY);
    expect(pack).toMatchObject({ ownerId: 'team', day: DAY, level: 0, clicks: 3 });
    expect(unpack(pack)).toEqual(withoutLinks(byLink));
    expect(linksIn(pack.parts.link!)).toEqual([
      [A, 2, 0, 1],
      [B, 1, 1, 0],
    ]);
  });

  it('knows of times the quarter of an hour, and the link of a link', () => {
    const late = clicks.map((click) => ({ ...click, clickedAt: click.clickedAt + QUARTER - 1 }));
    const pack = packClicks('link', { ownerId: 'link', day: DAY, clicks: late }, MANY);
    expect(unpack(pack)).toEqual(withoutLinks(clicks));
    expect(pack.parts.link).toBeUndefined();
  });
});

describe(mergePacks, () => {
  it('has the clicks of all packs', () => {
    const [one, two] = [clicks.slice(0, 1), clicks.slice(1)].map((part) =>
      packClicks('workspace', { ownerId: 'team', day: DAY, clicks: part }, MANY),
    );
    const merged = mergePacks('workspace', [one!, two!], 1, MANY);
    expect(merged).toMatchObject({ ownerId: 'team', day: DAY, level: 1, clicks: 3 });
    expect(unpack(merged)).toEqual(withoutLinks(byLink));
    expect(linksIn(merged.parts.link!)).toEqual([
      [A, 2, 0, 1],
      [B, 1, 1, 0],
    ]);
    expect([merged.parts.folded, merged.linksByValue]).toEqual([undefined, []]);
  });
});

describe('packs with many clicks', () => {
  const day = { ownerId: 'team', day: DAY, clicks };
  const [a, b] = [day, day].map((part) => packClicks('workspace', part, MANY));
  const merged = mergePacks('workspace', [a!, b!], 1, 5);

  it('also have them folded: without times and links, those that are alike as one', () => {
    const { rows, columns, weights } = unfold(merged.parts.folded!, FOLDED_COLUMNS.length);
    expect([rows, [...weights]]).toEqual([3, [2, 2, 2]]);
    const countries = PackedColumn.decode(columns[FOLDED_COLUMNS.indexOf('country')]!, rows);
    expect([0, 1, 2].map((row) => countries.valueOf(row)).filter(Boolean)).toEqual(['US']);
  });

  it('tell the links of each value, and of those whose value is unknown', () => {
    const of = (dimension: string) =>
      merged.linksByValue
        .filter((kept) => kept.dimension === dimension)
        .map(({ value, links }) => [value, linksIn(links)]);
    expect(of('country')).toEqual([
      ['US', [[A, 2, 0, 2]]],
      [
        null,
        [
          [A, 2, 0, 0],
          [B, 2, 2, 0],
        ],
      ],
    ]);
    expect(of('utm_source')[0]).toEqual(['mail', [[A, 2, 0, 2]]]);
    expect(of('device')).toHaveLength(1);
  });

  it('of a link tell no links', () => {
    const ofLink = packClicks('link', day, 2);
    expect(ofLink.parts.folded).toBeDefined();
    expect(ofLink.linksByValue).toEqual([]);
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
