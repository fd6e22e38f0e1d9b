import { describe, expect, it } from '@jest/globals';
import { uuidv7 } from '../../common/uuid.js';
import { packUuid } from '../pack-values.js';
import { UuidIndex } from './uuid-index.js';

const wordsOf = (ids: string[]): Uint32Array =>
  new Uint32Array(Uint8Array.from(Buffer.from(ids.map(packUuid).join(''), 'latin1')).buffer);

describe(UuidIndex, () => {
  it('numbers ids in the order in which they come, however many', () => {
    const index = new UuidIndex();
    const ids = wordsOf(Array.from({ length: 5_000 }, () => uuidv7()));
    const numbers = Array.from({ length: 5_000 }, (_, place) => place);
    expect(numbers.map((place) => index.numberOf(ids, place))).toEqual(numbers);
    expect(numbers.map((place) => index.numberOf(ids, place))).toEqual(numbers);
    expect(index.size).toBe(5_000);
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
