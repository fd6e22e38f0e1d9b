import { describe, expect, it } from '@jest/globals';
import { PAGE_HEADERS } from '../page.js';
import { ProblemError } from './problem.error.js';
import { problemPage } from './problem.page.js';

describe(problemPage, () => {
  it.each([
    ['link-not-found', 'does not exist'],
    ['not-found', 'does not exist'],
    ['invalid-request', 'not a valid address'],
    ['uri-too-long', 'too long'],
    ['method-not-allowed', 'not allowed'],
    ['link-gone', 'no longer available'],
    ['link-disabled', 'was disabled'],
    ['link-blocked', 'leads to a blocked site'],
    ['database-unavailable', 'cannot be opened right now'],
  ] as const)('tells a person of %s: %s', (code, text) => {
    const page = problemPage(new ProblemError(code));
    const [, title] = /<title>(.+)<\/title>/.exec(page)!;
    expect(title).toContain(text);
    expect(page).toContain(`<h1>${title}</h1>`);
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(page).toContain('<main>');
  });

  it('needs nothing that its policy forbids', () => {
    const page = problemPage(new ProblemError('link-gone'));
    expect(page).not.toMatch(/<(script|link|img|form|iframe)|https?:|url\(|@import/);
    expect(PAGE_HEADERS['content-security-policy']).toMatch(/^default-src 'none'/);
  });

  it('shows nothing of the request or of what went wrong', () => {
    const cause = new Error('password authentication failed for user "signpost"');
    const page = problemPage(
      new ProblemError('database-unavailable', { detail: '<b>detail</b>', cause }),
    );
    expect(page).not.toMatch(/detail|password/);
  });
});
