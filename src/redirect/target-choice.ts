import type { LinkOptions, RedirectTarget } from '../links/links.types.js';
import { pathBehindCode, withPath, withQuery } from './forwarding.js';
import type { Visitor } from '../links/link-rules.types.js';
import type { VisitorRequest } from './redirect.types.js';

/** Where a visitor is sent. */
export interface TargetChoice {
  url: string;
  /** The name of the rule or variant that leads there; undefined if it is the URL of the link. */
  target?: string;
}

/** Tells what rules ask of a visitor. */
export interface Visitors {
  of(request: VisitorRequest, now: number): Visitor;
}

/**
 * Where a link with options sends this visitor. Synchronous, so that the fast path can answer such links.
 * @param now Unix milliseconds
 */
export function chooseTarget(
  link: RedirectTarget,
  options: LinkOptions,
  request: VisitorRequest,
  now: number,
  visitors: Visitors,
): TargetChoice {
  const chosen = options.rules?.choose(visitors.of(request, now));
  let { url } = chosen ?? link;
  if (options.forwardPath) url = withPath(url, pathBehindCode(request.url));
  const queryAt = request.url.indexOf('?');
  if (options.forwardQuery && queryAt !== -1) url = withQuery(url, request.url.slice(queryAt + 1));
  return { url, target: chosen?.name };
}
