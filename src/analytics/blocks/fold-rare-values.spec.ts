import { describe, expect, it } from '@jest/globals';
import { OTHER_VALUES } from '../analytics.types.js';
import { foldRareValues } from './fold-rare-values.js';

const campaign = (source = '', medium = '', name = ''): string => `${source}\n${medium}\n${name}`;
const fold = (column: 'referrer' | 'campaign', clicks: [string | null, number][], most: number) =>
  foldRareValues(
    column,
    clicks.map(([value]) => value),
    Uint32Array.from(clicks, ([, count]) => count),
    most,
  );

describe(foldRareValues, () => {
  it('keeps the most frequent values, and what is not known', () => {
    const clicks: [string | null, number][] = [
      ['rare.example', 1],
      ['news.example', 5],
      [null, 9],
      ['blog.example', 2],
      ['new.example', 1],
    ];
    expect(fold('referrer', clicks, 2)).toEqual([
      OTHER_VALUES,
      'news.example',
      null,
      'blog.example',
      OTHER_VALUES,
    ]);
  });

  it('keeps the source of a campaign whose name is another on every click', () => {
    const clicks = Array.from({ length: 9 }, (_, n): [string, number] => [
      campaign('newsletter', '', `to-${n}`),
      1,
    ]);
    const folded = fold('campaign', clicks, 3);
    expect(folded.slice(0, 3)).toEqual(clicks.slice(0, 3).map(([value]) => value));
    expect(new Set(folded.slice(3))).toEqual(new Set([campaign('newsletter', '', OTHER_VALUES)]));
  });

  it('bounds in how many ways a few values go together', () => {
    const values = ['a', 'b', 'c'];
    const clicks = values.flatMap((source) =>
      values.map((name): [string, number] => [campaign(source, '', name), name === 'c' ? 1 : 2]),
    );
    const frequent = clicks.filter(([, count]) => count === 2).map(([value]) => value);
    expect(new Set(fold('campaign', clicks, 3))).toEqual(
      new Set([...frequent, campaign(OTHER_VALUES, '', OTHER_VALUES)]),
    );
  });

  it('folds for good: no number of clicks makes a value of what was folded before', () => {
    const clicks: [string, number][] = [
      [OTHER_VALUES, 100],
      ['a.example', 2],
      ['b.example', 1],
    ];
    expect(fold('referrer', clicks, 1)).toEqual([OTHER_VALUES, 'a.example', OTHER_VALUES]);
  });
});
