import { describe, expect, it } from '@jest/globals';
import { uuidv7 } from '../../common/uuid.js';
import { levelToMerge, mergePacks, packClicks, unpack } from './click-packer.js';
import type { CountedClick } from './ingestion.types.js';

const DAY = Date.UTC(2026, 10, 23);
const QUARTER = 15 * 60_000;
const [A, B] = [uuidv7(), uuidv7()];

const clicks: CountedClick[] = [
  {
    linkId: A,
    clickedAt: DAY,
    isBot: false,
    isNewVisitor: true,
    dimensions: { country: 'US', utm_source: 'mail' },
  },
  { linkId: B, clickedAt: DAY + 50 * QUARTER, isBot: true, isNewVisitor: false, dimensions: {} },
  {
    linkId: A,
    clickedAt: DAY + 95 * QUARTER,
    isBot: false,
    isNewVisitor: false,
    dimensions: { browser: 'Firefox' },
  },
];

/** As they are in the packs of a workspace. */
const byLink = [clicks[0], clicks[2], clicks[1]];

describe(packClicks, () => {
  it('keeps all that is counted of the clicks of a workspace', () => {
    const pack = packClicks('workspace', { ownerId: 'team', day: DAY, clicks });
    expect(pack).toMatchObject({ ownerId: 'team', day: DAY, level: 0, clicks: 3 });
    expect(unpack('workspace', pack)).toEqual(byLink);
  });

  it('knows of times the quarter of an hour, and the link of a link', () => {
    const late = clicks.map((click) => ({ ...click, clickedAt: click.clickedAt + QUARTER - 1 }));
    const pack = packClicks('link', { ownerId: A, day: DAY, clicks: late });
    expect(unpack('link', pack)).toEqual(clicks.map((click) => ({ ...click, linkId: A })));
  });
});

describe(mergePacks, () => {
  it('has the clicks of all packs', () => {
    const [one, two] = [clicks.slice(0, 1), clicks.slice(1)].map((part) =>
      packClicks('workspace', { ownerId: 'team', day: DAY, clicks: part }),
    );
    const merged = mergePacks('workspace', [one!, two!], 1);
    expect(merged).toMatchObject({ ownerId: 'team', day: DAY, level: 1, clicks: 3 });
    expect(unpack('workspace', merged)).toEqual(byLink);
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
