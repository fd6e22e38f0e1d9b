import { describe, expect, it } from '@jest/globals';
import { requestFingerprint } from './request-fingerprint.js';

const of = (body: unknown, path = '/api/v1/links', method = 'POST') =>
  requestFingerprint({ method, path, body });

describe('requestFingerprint', () => {
  it('does not depend on the order of members', () => {
    expect(of({ url: 'x', tags: [{ b: 1, a: 2 }] })).toBe(of({ tags: [{ a: 2, b: 1 }], url: 'x' }));
  });

  it.each([
    ['another value', { url: 'y' }],
    ['another member', { url: 'x', title: null }],
    ['a string instead of an object', '{"url":"x"}'],
    ['no body', undefined],
  ])('depends on the body: %s', (_name, body) => {
    expect(of(body)).not.toBe(of({ url: 'x' }));
  });

  it('depends on the order of items, the path, the query and the method', () => {
    expect(of(['a', 'b'])).not.toBe(of(['b', 'a']));
    expect(of({}, '/a')).not.toBe(of({}, '/b'));
    expect(of({}, '/a?x=1')).not.toBe(of({}, '/a'));
    expect(of({}, '/a', 'PUT')).not.toBe(of({}, '/a', 'POST'));
  });

  it('tells members of the prototype apart from own ones', () => {
    expect(of(JSON.parse('{"__proto__":{"a":1}}'))).not.toBe(of({}));
  });
});
