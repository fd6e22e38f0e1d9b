import { describe, expect, it } from '@jest/globals';
import { isForPrograms, prefersPage } from './page.js';

describe(prefersPage, () => {
  it.each([
    'text/html',
    'TEXT/HTML',
    'Text/Html;Q=0.1',
    'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'text/html;charset=UTF-8',
    'text/*',
    '*/*, text/html',
    'application/json;q=0.4, text/html;q=0.5',
    'text/html;q=0.8, application/json;q=0.8',
    'application/json;q=0, text/html;q=0.001',
    ' , text/html',
  ])('is true of %j', (accept) => {
    expect(prefersPage(accept)).toBe(true);
  });

  it.each([
    undefined,
    '',
    '*/*',
    'application/json',
    'application/problem+json',
    'text/plain',
    'image/avif,image/webp,*/*',
    'text/html;q=0',
    'TEXT/HTML;Q=0',
    'text/html ; q=0.000, */*',
    'text/*;q=0, */*',
    'text/html;q=0, text/*',
    'text/html;q=0.5, */*;q=0.8',
    'text/html;q=0.5, application/json',
    'application/json, text/html',
    'application/problem+json, text/html;q=0.9',
    'text/html;level=1',
    'text/htmlx',
    'x-text/html',
    'text/html;q=nonsense',
    'a/b;c="text/html"',
    `text/html${', a/b'.repeat(1_000)}`,
  ])('is false of %j', (accept) => {
    expect(prefersPage(accept)).toBe(false);
  });
});

describe(isForPrograms, () => {
  it.each([
    '/api',
    '/api/',
    '/api/v1/%zz',
    '/api?a',
    '/health',
    '/health/x',
    '/metrics',
    '/openapi.json',
  ])('is true of %s', (url) => expect(isForPrograms(url)).toBe(true));

  it.each([
    '/',
    '/apis',
    '/API',
    '/healthy',
    '/metrics.',
    '//api',
    '/docs',
    '/openapi-json',
    '/x/api',
  ])('is false of %s', (url) => expect(isForPrograms(url)).toBe(false));
});
