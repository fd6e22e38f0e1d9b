import { ProblemError } from '../../common/problem/problem.error.js';
import { tooManyValues } from '../../common/problem/request-limits.js';

/** Far more than any request of the API needs: the deepest has a list in an object. */
const MAX_DEPTH = 16;

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [LEFT_BRACKET, RIGHT_BRACKET, LEFT_BRACE, RIGHT_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Refuses JSON with too many values or levels before it is parsed: the time that parsing and
 * validating take grows with them, and everybody else waits for it. It counts commas and opening
 * brackets outside of strings, so repeated keys count as well, and stops at the limit.
 * @throws ProblemError invalid-request
 */
export function insistOnShape(json: Uint8Array, maxValues: number): void {
  let values = 0;
  let depth = 0;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === QUOTE) {
      at = endOfString(json, at);
    } else if (byte === COMMA) {
      values += 1;
    } else if (byte === LEFT_BRACE || byte === LEFT_BRACKET) {
      values += 1;
      depth += 1;
    } else if (byte === RIGHT_BRACE || byte === RIGHT_BRACKET) {
      depth -= 1;
    }
    if (values > maxValues) throw tooManyValues('', maxValues);
    if (depth > MAX_DEPTH) throw tooDeep();
  }
}

function endOfString(json: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1;
  return at;
}

function tooDeep(): ProblemError {
  const detail = `The body is nested deeper than ${MAX_DEPTH} levels.`;
  return new ProblemError('invalid-request', {
    detail,
    errors: [{ pointer: '', code: 'too-deep', detail }],
  });
}
