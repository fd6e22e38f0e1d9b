import { describe, expect, it } from '@jest/globals';
import {
  DAY_MS,
  type Filter,
  MOST_VALUES,
  type Owner,
  OTHER_VALUES,
  QUARTER_MS,
} from '../analytics.types.js';
import { ClickSums } from '../common/click-sums.js';
import { BlockBuilder, type Parts, rowsIn } from './block-builder.js';
import { BlockCounter } from './block-counter.js';
import type { BlockClick } from './blocks.types.js';
import { decodeColumn, decodeRows, encodeRows } from './codec.js';

const DAY = Date.UTC(2026, 10, 23);
const [A, B] = [3, 700_000];
const clicks: BlockClick[] = [
  {
    linkNumber: A,
    clickedAt: DAY,
    isBot: false,
    isNewVisitor: true,
    dimensions: { country: 'US', utm_source: 'mail' },
  },
  {
    linkNumber: B,
    clickedAt: DAY + 50 * QUARTER_MS,
    isBot: true,
    isNewVisitor: false,
    dimensions: {},
  },
  {
    linkNumber: A,
    clickedAt: DAY + 96 * QUARTER_MS - 1,
    isBot: false,
    isNewVisitor: false,
    dimensions: { browser: 'Firefox' },
  },
];

function build(owner: Owner, those: BlockClick[]): Parts {
  const builder = new BlockBuilder(owner, those.length);
  for (const click of those) builder.add(click);
  return builder.build();
}

function merge(owner: Owner, blocks: { parts: Parts; clicks: number }[]): Parts {
  const builder = new BlockBuilder(
    owner,
    blocks.reduce((sum, block) => sum + block.clicks, 0),
  );
  for (const block of blocks) builder.append(block.parts, block.clicks);
  return builder.build();
}

function count(owner: Owner, parts: Parts, size: number, filters: Filter[] = []): ClickSums {
  const sums = new ClickSums();
  const day = [{ from: DAY, to: DAY + DAY_MS }];
  const starts = Array.from({ length: 24 }, (_, hour) => DAY + hour * 4 * QUARTER_MS);
  const dimensions = ['country', 'referrer', 'browser', 'utm_source', 'target', 'qr'] as const;
  const counter = new BlockCounter(
    {
      owner,
      ownerIds: ['owner'],
      times: day,
      totals: day,
      starts,
      filters,
      dimensions: [...dimensions],
    },
    sums,
  );
  counter.add({ id: 'id', ownerId: 'owner', day: DAY, clicks: size, parts });
  return sums;
}

describe(BlockBuilder, () => {
  it('keeps all that is counted of the clicks of a workspace', () => {
    const sums = count('workspace', build('workspace', clicks), 3);
    expect(sums.total).toEqual({ clicks: 3, humans: 2, bots: 1, visitors: 1 });
    expect([...sums.series.keys()]).toEqual([0, 12, 23]);
    expect(sums.links.top(10)).toEqual([
      [A, { clicks: 2, humans: 2, bots: 0, visitors: 1 }],
      [B, { clicks: 1, humans: 0, bots: 1, visitors: 0 }],
    ]);
    expect(sums.values.get('browser')?.get('Firefox')?.clicks).toBe(1);
    expect(sums.values.get('utm_source')?.get('mail')?.visitors).toBe(1);
  });

  it('keeps no links of the clicks of a link', () => {
    const parts = build('link', clicks);
    expect(Object.keys(parts)).toEqual(['rows', 'row_quarters']);
    const { total, linksById } = count('link', parts, 3);
    expect(linksById).toEqual(new Map([['owner', total]]));
  });

  it('has the clicks of all blocks that it was given, and one row for those that are alike', () => {
    const blocks = [clicks, clicks.slice(1), clicks.slice(0, 1)].map((those) => ({
      parts: build('workspace', those),
      clicks: those.length,
    }));
    const merged = merge('workspace', blocks);
    expect(merged).toEqual(build('workspace', [...clicks, ...clicks.slice(1), clicks[0]!]));
    expect([...rowsIn(merged.rows!).weights]).toEqual([2, 2, 2]);
    const filter: Filter = { dimension: 'country', only: ['US'], not: [] };
    expect(count('workspace', merged, 6, [filter]).links.top(10)).toEqual([
      [A, { clicks: 2, humans: 2, bots: 0, visitors: 2 }],
    ]);
  });
});

describe('A block of clicks that were sent to different targets', () => {
  const sent = clicks.map((click, n): BlockClick => ({
    ...click,
    dimensions: { ...click.dimensions, target: ['rule-1', undefined, 'split-2'][n], qr: 'qr' },
  }));
  const bytesBefore = (parts: Parts) => {
    const { weights, columns } = rowsIn(parts.rows!);
    return encodeRows({ weights, columns, optional: [] });
  };

  it('tells which, and what scanned codes', () => {
    const { values } = count('workspace', build('workspace', sent), 3);
    expect([...values.get('target')!.keys()].toSorted()).toEqual(['rule-1', 'split-2']);
    expect(values.get('qr')?.get('qr')?.clicks).toBe(3);
    const filter: Filter = { dimension: 'target', only: ['rule-1', null], not: [] };
    expect(count('workspace', build('workspace', sent), 3, [filter]).total.clicks).toBe(2);
  });

  it('is, where none was sent anywhere else, what it was before there were targets', () => {
    const { rows } = build('link', clicks);
    expect(rowsIn(rows!).optional).toEqual([]);
    expect(rows).toEqual(bytesBefore(build('link', clicks)));
  });

  it('is read by who knows no targets', () => {
    const parts = build('link', sent);
    const { size, weights, columns } = decodeRows(parts.rows!, 6);
    expect([size, weights, columns]).toEqual([
      3,
      Uint32Array.of(1, 1, 1),
      rowsIn(bytesBefore(parts)).columns,
    ]);
  });

  it('keeps the targets of a link when the clicks of another one are deleted', () => {
    const builder = new BlockBuilder('workspace', 6);
    builder.appendWithout(B, build('workspace', sent));
    builder.appendWithout(B, build('workspace', clicks));
    const { total, values } = count('workspace', builder.build(), 4);
    expect(total.clicks).toBe(4);
    expect(values.get('target')?.get('rule-1')?.clicks).toBe(1);
    expect(values.get('qr')?.get('qr')?.clicks).toBe(2);
  });

  it('can be merged with one from before there were targets, whose targets are unknown', () => {
    for (const blocks of [
      [clicks, sent],
      [sent, clicks],
    ]) {
      const merged = merge(
        'workspace',
        blocks.map((those) => ({ parts: build('workspace', those), clicks: 3 })),
      );
      const { total, values } = count('workspace', merged, 6);
      expect([total.clicks, values.get('target')?.get('rule-1')?.clicks]).toEqual([6, 1]);
      const filter: Filter = { dimension: 'target', only: [null], not: [] };
      expect(count('workspace', merged, 6, [filter]).total.clicks).toBe(4);
    }
  });
});

describe('A block of clicks whose values are all different', () => {
  const most = MOST_VALUES.link;
  const stranger = (n: number): BlockClick => ({
    clickedAt: DAY,
    isBot: false,
    isNewVisitor: false,
    dimensions: {
      referrer: n % 10 === 0 ? 'news.example' : `${n}.example`,
      utm_source: `source-${n}`,
      utm_campaign: `campaign-${n}`,
    },
  });
  const blocks = [0, 1, 2].map((batch) => ({
    clicks: 2 * most,
    parts: build(
      'link',
      Array.from({ length: 2 * most }, (_, n) => stranger(batch * 2 * most + n)),
    ),
  }));
  const mostValuesIn = (parts: Parts) => {
    const { size, columns } = rowsIn(parts.rows!);
    return Math.max(...columns.map((bytes) => decodeColumn(bytes, size).values.length));
  };

  it('tells as many as it may, and of the others how many they are', () => {
    const { parts } = blocks[0]!;
    expect(mostValuesIn(parts)).toBeLessThanOrEqual(most + 2);
    const referrers = count('link', parts, 2 * most).values.get('referrer')!;
    expect(referrers.get('news.example')?.clicks).toBe(most / 5);
    expect(referrers.get(OTHER_VALUES)?.clicks).toBe(1.8 * most - (most - 1));
  });

  it('is no larger than one of them when several are merged', () => {
    const merged = merge('link', blocks);
    expect(mostValuesIn(merged)).toBeLessThanOrEqual(most + 2);
    expect(merged.rows!.length).toBeLessThan(1.2 * blocks[0]!.parts.rows!.length);
    const { total, values } = count('link', merged, 6 * most);
    expect(total.clicks).toBe(6 * most);
    expect(values.get('referrer')?.get('news.example')?.clicks).toBe(0.6 * most);
  });
});
