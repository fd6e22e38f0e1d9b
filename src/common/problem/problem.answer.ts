import { isForPrograms, PAGE_HEADERS, prefersPage } from '../page.js';
import type { ProblemError } from './problem.error.js';
import { problemPage } from './problem.page.js';
import { PROBLEM_CONTENT_TYPE, ProblemResponse } from './problem.response.js';

const MAX_PATH_LENGTH = 256;

/** Who has asked, and for what. */
export interface Asked {
  url: string;
  accept: string | undefined;
  requestId: string;
}

/** A problem as it is sent: a page to a person, who is never one of the API, and JSON to a program. */
export function problemAnswer(
  problem: ProblemError,
  { url, accept, requestId }: Asked,
): { headers: Record<string, string>; body: string } {
  const headers = { ...problem.headers, 'cache-control': 'no-store' };
  if (!isForPrograms(url) && prefersPage(accept)) {
    return { headers: { ...headers, ...PAGE_HEADERS }, body: problemPage(problem) };
  }
  return {
    headers: { ...headers, 'content-type': PROBLEM_CONTENT_TYPE },
    body: JSON.stringify(ProblemResponse.from(problem, pathOf(url), requestId)),
  };
}

/** As much of the path as tells what was asked for: an answer must not grow with the question. */
export const pathOf = (url: string): string => url.split('?', 1)[0]!.slice(0, MAX_PATH_LENGTH);
