import type { LinkOptions, RedirectTarget } from '../links/links.types.js';
import { pathBehindCode, withPath, withQuery } from './forwarding.js';
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
  link: RedirectTarget,
  options: LinkOptions,
  request: VisitorRequest,
  _now: number,
): TargetChoice {
  let { url } = link;
  if (options.forwardPath) url = withPath(url, pathBehindCode(request.url));
  const queryAt = request.url.indexOf('?');
  if (options.forwardQuery && queryAt !== -1) url = withQuery(url, request.url.slice(queryAt + 1));
  return { url };
}
