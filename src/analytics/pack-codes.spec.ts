import { describe, expect, it } from '@jest/globals';
import { BitCodes } from './bit-codes.js';
import { KIND_BITS, type PackCodes } from './pack-codes.js';
import { WholeCodes } from './whole-codes.js';

const CLICKS = 1_003;
const BITS = [1, 2, 4].map((width) => ({
  name: `${width} bits`,
  codes: (places: number[]): PackCodes => {
    const bytes = new Uint8Array(Math.ceil((places.length * width) / 8));
    for (const [click, place] of places.entries()) {
      bytes[Math.floor((click * width) / 8)]! |= place << ((click * width) % 8);
    }
    return new BitCodes(bytes, width);
  },
  values: 2 ** width,
}));
const FORMS = [
  ...BITS,
  {
    name: 'bytes',
    codes: (places: number[]) => new WholeCodes(Uint8Array.from(places)),
    values: 256,
  },
  {
    name: 'words',
    codes: (places: number[]) => new WholeCodes(Uint32Array.from(places)),
    values: 1_000,
  },
];

describe.each(FORMS)('pack codes of $name', ({ codes, values }) => {
  const places = Array.from({ length: CLICKS }, (_, click) => (click * 7 + (click >> 3)) % values);
  const packed = codes(places);
  const lists = [0, 1, 2, 3, 4, 5, 501, CLICKS].map((length) => ({
    list: Array.from({ length }, (_, index) => Math.floor((index * CLICKS) / length)),
  }));

  it('has the place of each click', () => {
    expect(places.map((_, click) => packed.at(click))).toEqual(places);
  });

  it.each(lists)('reads $list.length clicks', ({ list }) => {
    const read = new Uint8Array(list.length);
    packed.read(Int32Array.from(list), read);
    expect([...read]).toEqual(list.map((click) => places[click]! % 256));
  });

  it.each(lists)('counts $list.length clicks', ({ list }) => {
    const kinds = list.map((click) => click % 3);
    const half = values << KIND_BITS;
    const sums = new Int32Array(2 * half);
    packed.count(Int32Array.from(list), Uint8Array.from(kinds), sums);
    const expected = new Int32Array(half);
    for (const [index, click] of list.entries()) {
      expected[(places[click]! << KIND_BITS) | kinds[index]!]! += 1;
    }
    expect(expected.map((_count, at) => sums[at]! + sums[half + at]!)).toEqual(expected);
  });

  it.each(lists)('counts $list.length clicks that stand for several', ({ list }) => {
    const weights = Uint32Array.from({ length: CLICKS }, (_, click) => 1 + (click % 300));
    const sums = new Int32Array(2 * (values << KIND_BITS));
    const kinds = Uint8Array.from(list, (click) => click % 3);
    packed.weigh(Int32Array.from(list), kinds, weights, sums);
    const expected = new Int32Array(sums.length);
    for (const click of list) {
      expected[(places[click]! << KIND_BITS) | (click % 3)]! += weights[click]!;
    }
    expect(sums).toEqual(expected);
  });

  it.each(lists)('picks from $list.length clicks', ({ list }) => {
    const wanted = Uint8Array.from({ length: values }, (_value, place) => Number(place % 2 === 1));
    const picked = new Int32Array(list.length);
    const count = packed.pick(wanted, Int32Array.from(list), picked);
    expect([...picked.subarray(0, count)]).toEqual(
      list.filter((click) => places[click]! % 2 === 1),
    );
  });
});
