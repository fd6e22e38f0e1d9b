import { prefersType } from './prefers-type.js';

/** What an answer may be, the form for programs first: it is sent unless a page is preferred. */
const JSON_FORMS = ['application/problem+json;charset=utf-8', 'application/json'];
const PAGE_FORM = 'text/html;charset=utf-8';

/** For text that stands in HTML, also between quotes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** The page needs nothing from anywhere, so nothing is allowed but its own style. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
};

/** What only programs ask for: it never answers with a page. */
const FOR_PROGRAMS = /^\/(?:api|health|metrics|openapi\.json)(?:[/?]|$)/;

export const isForPrograms = (url: string): boolean => FOR_PROGRAMS.test(url);

/** Whether an Accept header wants a page rather than JSON (RFC 9110 §12.5.1). */
export function prefersPage(accept = ''): boolean {
  // Without the name of the type it is at best as welcome as JSON; scanners are told so quickly.
  return /text\/[h*]/i.test(accept) && prefersType(PAGE_FORM, accept, JSON_FORMS);
}

/** A page with a heading, a sentence and what comes behind it, all HTML. */
export const page = (title: string, text: string, rest = ''): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>
:root { color-scheme: light dark; font: 1.125rem/1.6 system-ui, sans-serif; }
a, bdi { overflow-wrap: anywhere; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; }
main { max-width: 34rem; padding: 2rem; }
h1 { font-size: 1.6rem; line-height: 1.25; }
input, button { font: inherit; padding: 0.3rem 0.6rem; margin: 0.2rem 0; }
</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${text}</p>
${rest}</main>
</body>
</html>
`;
