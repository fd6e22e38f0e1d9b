import { escapeHtml, page } from '../common/page.js';
import { qrSvg } from '../common/qr-code.js';
import type { Preview } from './redirect.types.js';

const LOOK = { level: 'M', margin: 4, dark: '000000', light: 'ffffff' } as const;
const QR_PIXELS = 240;

/** A preview for people. What others have written stands in it as text, whatever it looks like. */
export function previewPage(preview: Preview): string {
  const { shortUrl, url, title, createdAt, hasOtherTargets } = preview;
  if (url === null || createdAt === null) {
    return page(
      'Where this short link leads',
      `<bdi>${escapeHtml(shortUrl)}</bdi> has a password.`,
    );
  }
  const target = escapeHtml(url);
  const name = title === null ? '' : `<p><strong><bdi>${escapeHtml(title)}</bdi></strong></p>`;
  return page(
    'Where this short link leads',
    `<bdi>${escapeHtml(shortUrl)}</bdi> leads to`,
    `<p><a href="${target}" rel="noreferrer nofollow">${target}</a></p>
${hasOtherTargets ? '<p>It leads some visitors elsewhere, by what they use or where they are.</p>' : ''}
${name}
<p>It was made on <time datetime="${createdAt.toISOString()}">${dateOf(createdAt)}</time>.</p>
<p>${qrSvg(`${shortUrl}?qr`, QR_PIXELS, LOOK)}</p>
`,
  );
}

const dateOf = (time: Date): string =>
  time.toLocaleDateString('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
