import { describe, expect, it } from '@jest/globals';
import { readVarints, VarintReader, VarintWriter } from './varints.js';

const NUMBERS = [0, 1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32 - 1, 5];

describe(VarintWriter.name, () => {
  it('keeps numbers up to 32 bits, wherever the bytes lie', () => {
    const writer = new VarintWriter();
    for (let round = 0; round < 50; round += 1) for (const number of NUMBERS) writer.write(number);
    const bytes = Buffer.concat([Buffer.alloc(3), writer.written, Buffer.from([9])]).subarray(3);
    const all = Array.from({ length: 50 }, () => NUMBERS).flat();
    expect([...readVarints(bytes, all.length)]).toEqual(all);
  });

  it.each([
    [127, 1],
    [128, 2],
    [16_384, 3],
    [2 ** 32 - 1, 5],
  ])('takes for %i so many bytes: %i', (number, bytes) => {
    const writer = new VarintWriter();
    writer.write(number);
    expect(writer.written).toHaveLength(bytes);
  });
});

describe(VarintReader.name, () => {
  it('reads from any place on', () => {
    const reader = new VarintReader(Uint8Array.of(0xff, 200, 1, 7), 1);
    expect([reader.next(), reader.next(), reader.offset]).toEqual([200, 7, 4]);
  });
});
