import { isBot, isHttpTool } from '../common/user-agent.js';
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

/**
 * Whether a request uses up one of a link's clicks: those of people do, and of tools that people use.
 * Prefetches, previews and all other bots do not (docs/adr/0074).
 */
export const spendsClick = (userAgent: string, isPrefetch: boolean): boolean =>
  !isPrefetch && (isHttpTool(userAgent) || !isBot(userAgent));
