import type { RedirectTarget } from '../links/links.types.js';

/** What may be the code of a link; nothing else is looked up. */
export const SHORT_CODE = /^[A-Za-z0-9_-]{1,64}$/;

export type Decision = 'redirect' | 'not-found' | 'gone';

/** What a link answers at this time (Unix milliseconds), its click limit aside. */
export function decide(target: RedirectTarget | null, now: number): Decision {
  if (!target) return 'not-found';
  if (target.withheld !== null) return 'gone';
  // A link that has not started yet tells nobody that it exists.
  if (target.startsAt !== null && now < target.startsAt) return 'not-found';
  if (target.expiresAt !== null && now >= target.expiresAt) return 'gone';
  return 'redirect';
}

/** The services that fetch a link to show what is behind it, as soon as somebody posts it. */
const LINK_PREVIEW =
  /facebookexternalhit|facebot|twitterbot|slackbot|slack-imgproxy|discordbot|telegrambot|whatsapp|linkedinbot|skypeuripreview|microsoftpreview|embedly|iframely|pinterestbot|redditbot|mastodon|bluesky|vkshare|viber|snap url preview|googlemessages|applebot|iMessageLinkPreview|google-pagerenderer|bitlybot|tumblr|quora link preview|line-poker|kakaotalk-scrap|zoombot|notionbot|flipboardproxy/i;

/** Whether a request uses up one of a link's clicks: previews and prefetches do not. */
export const spendsClick = (userAgent: string, isPrefetch: boolean): boolean =>
  !isPrefetch && !LINK_PREVIEW.test(userAgent);
