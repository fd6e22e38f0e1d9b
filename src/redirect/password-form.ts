import { page, PAGE_HEADERS } from '../common/page.js';

/**
 * As of every page, but that a form may be sent. Browsers hold form-action also against what the answer
 * redirects to, which here is the target of the link: so it must be left out.
 */
export const FORM_HEADERS = {
  ...PAGE_HEADERS,
  'content-security-policy': PAGE_HEADERS['content-security-policy'].replace(
    " form-action 'none';",
    '',
  ),
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex',
};

/**
 * Asks for the password of a link, and tells nothing of where it leads. Without an action, so that it is
 * sent to where it was shown, with path and query.
 * @param text a sentence, in HTML
 */
export const passwordForm = (text: string): string =>
  page(
    'This short link has a password',
    text,
    `<form method="post">
<label for="password">Password</label>
<input id="password" name="password" type="password" required autofocus autocomplete="off">
<button>Continue</button>
</form>`,
  );
