import type { Counts } from '../analytics.types.js';

/** A human who was there before on that day, one who was not, and a bot. */
export const KINDS = ['human', 'visitor', 'bot'] as const;
export type Kind = (typeof KINDS)[number];
/** A constant, because the length of a list is looked up again for each click. */
export const KIND_COUNT = 3 satisfies typeof KINDS.length;

interface KnownKind {
  isBot: boolean;
  isNewVisitor: boolean;
}

export const kindOf = ({ isBot, isNewVisitor }: KnownKind): Kind =>
  isBot ? 'bot' : isNewVisitor ? 'visitor' : 'human';

/** What a single click counts. */
export const COUNTS_OF_KIND: Record<Kind, Counts> = {
  human: { clicks: 1, humans: 1, bots: 0, visitors: 0 },
  visitor: { clicks: 1, humans: 1, bots: 0, visitors: 1 },
  bot: { clicks: 1, humans: 0, bots: 1, visitors: 0 },
};

/**
 * Counts from sums by kind.
 * @param sums those of one thing after the other, in the order of KINDS
 * @param index of the thing
 */
export function countsAt(sums: ArrayLike<number>, index: number): Counts {
  const at = index * KIND_COUNT;
  const [again, visitors, bots] = [sums[at]!, sums[at + 1]!, sums[at + 2]!];
  const humans = again + visitors;
  return { clicks: humans + bots, humans, bots, visitors };
}
