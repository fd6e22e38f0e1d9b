import { trimmed } from '../../common/validation/text.rules.js';

/** The lines that say something, without the space around them, and their numbers. */
export function* linesOf(text: string): Generator<{ line: string; number: number }> {
  let start = 0;
  for (let number = 1; start <= text.length; number += 1) {
    const found = text.indexOf('\n', start);
    const end = found === -1 ? text.length : found;
    const line = trimmed(text.slice(start, end));
    if (line !== '') yield { line, number };
    start = end + 1;
  }
}
