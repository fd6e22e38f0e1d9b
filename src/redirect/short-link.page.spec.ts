import { describe, expect, it } from '@jest/globals';
import { ProblemError } from '../common/problem/problem.error.js';
import { PAGE_POLICY, shortLinkPage } from './short-link.page.js';

describe(shortLinkPage, () => {
  it.each([
    ['link-not-found', 'does not exist'],
    ['link-gone', 'no longer available'],
    ['link-disabled', 'was disabled'],
    ['link-blocked', 'leads to a blocked site'],
    ['database-unavailable', 'cannot be opened right now'],
  ] as const)('tells a person of %s that the link %s', (code, text) => {
    const page = shortLinkPage(new ProblemError(code));
    const [, title] = /<title>(.+)<\/title>/.exec(page)!;
    expect(title).toContain(text);
    expect(page).toContain(`<h1>${title}</h1>`);
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(page).toContain('<main>');
  });

  it('needs nothing that its policy forbids', () => {
    const page = shortLinkPage(new ProblemError('link-gone'));
    expect(page).not.toMatch(/<(script|link|img|form|iframe)|https?:|url\(|@import/);
    expect(PAGE_POLICY).toMatch(/^default-src 'none'/);
  });

  it('shows nothing of the request or of what went wrong', () => {
    const cause = new Error('password authentication failed for user "signpost"');
    const page = shortLinkPage(
      new ProblemError('database-unavailable', { detail: '<b>detail</b>', cause }),
    );
    expect(page).not.toMatch(/detail|password/);
  });
});
