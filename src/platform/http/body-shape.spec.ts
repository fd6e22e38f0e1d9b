import { describe, expect, it } from '@jest/globals';
import { insistOnShape } from './body-shape.js';

const check =
  (json: string, maxValues = 4) =>
  () =>
    insistOnShape(Buffer.from(json, 'utf8'), maxValues);

const refusal = (code: string) =>
  expect.objectContaining({
    code: 'invalid-request',
    errors: [expect.objectContaining({ pointer: '', code })],
  });

describe(insistOnShape, () => {
  it.each([
    ['four members', '{"a":1,"b":2,"c":3,"d":4}'],
    ['a list in an object', '{"a":[1,2,3]}'],
    ['objects in a list', '[{"a":1},{"b":2}]'],
    ['commas and brackets in a string', JSON.stringify({ a: ',,,,,[[[[{{{{' })],
    ['quotes and backslashes in a string', JSON.stringify({ a: '"\\', b: '",,,,,[\\\\' })],
    ['a body that breaks off within an escape', '{"a":"\\'],
    ['nothing', ''],
  ])('lets %s pass', (_name, json) => {
    expect(check(json)).not.toThrow();
  });

  it.each([
    ['five members', '{"a":1,"b":2,"c":3,"d":4,"e":5}'],
    ['a member repeated five times', '{"a":1,"a":1,"a":1,"a":1,"a":1}'],
    ['a list of four in an object', '{"a":[1,2,3,4]}'],
    ['five empty lists', '[[],[],[],[]]'],
    ['members behind a string with escapes', '{"a":"\\"\\\\","b":2,"c":3,"d":4,"e":5}'],
  ])('refuses %s where there may be four', (_name, json) => {
    expect(check(json)).toThrow(refusal('too-many'));
  });

  it('refuses what is nested too deeply, however many values there may be', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(check(nested(16), 100_000)).not.toThrow();
    expect(check(nested(17), 100_000)).toThrow(refusal('too-deep'));
    expect(check(nested(50_000), 100_000)).toThrow(refusal('too-deep'));
  });
});
