import type { ProblemError } from '../common/problem/problem.error.js';
import type { ProblemCode } from '../common/problem/problems.js';

/** The page needs nothing from anywhere, so nothing is allowed but its own style. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const TEXTS: Partial<Record<ProblemCode, { title: string; text: string }>> = {
  'link-not-found': {
    title: 'This short link does not exist',
    text: 'Please check the address for typing errors, or ask whoever gave it to you.',
  },
  'link-gone': {
    title: 'This short link is no longer available',
    text: 'It has expired, was removed, or has been used as often as it may be.',
  },
  'link-disabled': {
    title: 'This short link was disabled',
    text: 'It was taken down by those who run this service.',
  },
  'link-blocked': {
    title: 'This short link leads to a blocked site',
    text: 'Those who run this service do not send anybody there.',
  },
  'database-unavailable': {
    title: 'This short link cannot be opened right now',
    text: 'Please try again in a few seconds.',
  },
};

/** What a person sees who follows a short link that does not redirect. */
export function shortLinkPage({ code }: ProblemError): string {
  const { title, text } = TEXTS[code]!;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>
:root { color-scheme: light dark; font: 1.125rem/1.6 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; }
main { max-width: 34rem; padding: 2rem; }
h1 { font-size: 1.6rem; line-height: 1.25; }
</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${text}</p>
</main>
</body>
</html>
`;
}
