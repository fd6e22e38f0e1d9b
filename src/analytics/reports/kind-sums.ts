import { KINDS } from '../click-moment.js';
import type { Counts } from './reports.types.js';

const [HUMAN, VISITOR, BOT] = [
  KINDS.indexOf('human'),
  KINDS.indexOf('visitor'),
  KINDS.indexOf('bot'),
];

/** What sums of each kind of click tell, which are there in the order of `KINDS`, the first at `at`. */
export function countsAt(sums: ArrayLike<number>, at: number): Counts {
  const [visitors, bots] = [sums[at + VISITOR]!, sums[at + BOT]!];
  const humans = sums[at + HUMAN]! + visitors;
  return { clicks: humans + bots, humans, bots, visitors };
}
