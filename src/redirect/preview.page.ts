import { escapeHtml, page } from '../common/page.js';
import { qrSvg } from '../common/qr-code.js';
import type { Preview } from './redirect.types.js';

const LOOK = { level: 'M', margin: 4, dark: '000000', light: 'ffffff' } as const;
const QR_PIXELS = 240;

/** A preview for people. What others have written stands in it as text, whatever it looks like. */
export function previewPage({ shortUrl, url, title, createdAt }: Preview): string {
  const target = escapeHtml(url);
  const name = title === null ? '' : `<p><strong><bdi>${escapeHtml(title)}</bdi></strong></p>`;
  return page(
    'Where this short link leads',
    `<bdi>${escapeHtml(shortUrl)}</bdi> leads to`,
    `<p><a href="${target}" rel="noreferrer nofollow">${target}</a></p>
${name}
<p>It was made on <time datetime="${createdAt.toISOString()}">${dateOf(createdAt)}</time>.</p>
<p>${qrSvg(`${shortUrl}?qr`, QR_PIXELS, LOOK)}</p>
`,
  );
}

const dateOf = (time: Date): string =>
  time.toLocaleDateString('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
