import { describe, expect, it } from '@jest/globals';
import { uuidv7 } from '../../common/uuid.js';
import { uuidBytes, wordsOfUuids } from '../pack-values.js';
import { UNKNOWN, UuidIndex } from './uuid-index.js';

const wordsOf = (ids: string[]): Uint32Array => wordsOfUuids(Buffer.concat(ids.map(uuidBytes)));

describe(UuidIndex, () => {
  it('numbers ids in the order in which they come, however many', () => {
    const index = new UuidIndex();
    const ids = wordsOf(Array.from({ length: 5_000 }, () => uuidv7()));
    const numbers = Array.from({ length: 5_000 }, (_, place) => place);
    expect(numbers.map((place) => index.numberOf(ids, place))).toEqual(numbers);
    expect(numbers.map((place) => index.numberOf(ids, place))).toEqual(numbers);
    expect(index.size).toBe(5_000);
  });

  it('puts them in the order of their texts', () => {
    const index = new UuidIndex();
    const texts = ['00ff0000', '0100ffff', 'a0000001', 'a0000002'].map(
      (start) => `${start}-0000-7000-8000-00000000000f`,
    );
    const ids = wordsOf([...texts, '00ff0000-0000-7000-8000-000000000010']);
    for (let place = 0; place < 5; place += 1) index.numberOf(ids, place);
    expect([0, 1, 2].map((number) => index.isBefore(number, number + 1))).toEqual([
      true,
      true,
      true,
    ]);
    expect([index.isBefore(3, 0), index.isBefore(0, 0)]).toEqual([false, false]);
    expect([index.isBefore(0, 4), index.isBefore(4, 0)]).toEqual([true, false]);
  });

  it('finds those that it has', () => {
    const index = new UuidIndex();
    const ids = wordsOf([uuidv7(), uuidv7()]);
    index.numberOf(ids, 1);
    expect([index.find(ids, 0), index.find(ids, 1), index.size]).toEqual([UNKNOWN, 0, 1]);
    expect(index.ids).toEqual(ids.slice(4));
  });

  it('tells apart ids that differ in a single word', () => {
    const index = new UuidIndex();
    const id = '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d';
    const others = [0, 9, 19, 30].map((at) => `${id.slice(0, at)}e${id.slice(at + 1)}`);
    const ids = wordsOf([id, ...others]);
    expect([0, 1, 2, 3, 4].map((place) => index.numberOf(ids, place))).toEqual([0, 1, 2, 3, 4]);
    expect([4, 0, 3, 1, 2].map((place) => index.numberOf(ids, place))).toEqual([4, 0, 3, 1, 2]);
  });
});
