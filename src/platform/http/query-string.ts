import { parse } from 'node:querystring';
import { MAX_VALUES } from '../../common/problem/request-limits.js';

const OPTIONS = {
  // One more than there may be: enough to see that there are too many.
  maxKeys: MAX_VALUES + 1,
  decodeURIComponent: decode,
};

/** The parameters of a query, as far as they are looked at; what is given repeatedly is a list. */
export const parseQueryString = (query: string): Record<string, string | string[] | undefined> =>
  parse(query, '&', '=', OPTIONS);

/** What cannot be decoded stays as it is, and is not changed without a word. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
