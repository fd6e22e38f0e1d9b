import type { LinkOptions, RedirectTarget } from '../links/links.types.js';
import type { VisitorRequest } from './redirect.types.js';

/** Where a visitor is sent. */
export interface TargetChoice {
  url: string;
}

/**
 * Where a link with options sends this visitor. Synchronous, so that the fast path can answer such links.
 * @param now Unix milliseconds
 */
export function chooseTarget(
  { url }: RedirectTarget,
  _options: LinkOptions,
  _request: VisitorRequest,
  _now: number,
): TargetChoice {
  return { url };
}
