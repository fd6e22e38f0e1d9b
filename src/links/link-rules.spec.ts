import { describe, expect, it } from '@jest/globals';
import { storedRules, storedSplit } from './link-rules.js';

const asItIs = (url: string): string => url;
const named = (...names: (string | undefined)[]) =>
  storedRules(
    names.map((name) => ({ name, url: 'https://example.com/', when: { os: ['iOS'] } })),
    asItIs,
  )!.map(({ name }) => name);

describe('Rules and variants', () => {
  it.each([
    [
      [undefined, undefined],
      ['rule-1', 'rule-2'],
    ],
    [
      ['app', undefined],
      ['app', 'rule-1'],
    ],
    // The first of three was taken away: the other two keep their names, and a new one gets a new name.
    [
      ['rule-2', 'rule-3', undefined],
      ['rule-2', 'rule-3', 'rule-4'],
    ],
    [
      [undefined, 'rule-1'],
      ['rule-2', 'rule-1'],
    ],
    [
      ['rule-x', 'split-7', undefined],
      ['rule-x', 'split-7', 'rule-1'],
    ],
  ])('named %j are stored as %j', (given, names) => {
    expect(named(...given)).toEqual(names);
  });

  it('point to the one whose URL is refused', () => {
    const pointers: string[] = [];
    const note = (url: string, pointer: string) => {
      pointers.push(pointer);
      return url;
    };
    const variant = { url: 'https://example.com/', weight: 1 };
    storedSplit([variant, variant], note);
    storedRules([{ url: 'https://example.com/', when: {} }], note);
    expect(pointers).toEqual(['/split/0/url', '/split/1/url', '/rules/0/url']);
  });

  it.each([[null], [undefined], [[]]])('that are %j are none', (none) => {
    expect([storedRules(none, asItIs), storedSplit(none, asItIs)]).toEqual([null, null]);
  });

  it('have their conditions in the form in which they are compared', () => {
    const when = {
      referrerHost: ['NEWS.Example.', 'münchen.example'],
      from: '2026-12-24T12:00:00+01:00',
      os: undefined,
    };
    expect(storedRules([{ url: 'https://example.com/', when }], asItIs)![0]!.when).toEqual({
      referrerHost: ['news.example', 'xn--mnchen-3ya.example'],
      from: '2026-12-24T11:00:00.000Z',
    });
  });
});
