import { QUARTER_MS, DAY_MS } from './analytics.types.js';

/** A human who was there before on that day, one who was not, and a bot. */
export const KINDS = ['human', 'visitor', 'bot'] as const;
/** How many bits tell them apart, and that there is none. */
export const KIND_BITS = 2;
export type Kind = (typeof KINDS)[number];

interface KnownKind {
  isBot: boolean;
  isNewVisitor: boolean;
}

export const kindOf = ({ isBot, isNewVisitor }: KnownKind): Kind =>
  isBot ? 'bot' : isNewVisitor ? 'visitor' : 'human';

export const ofKind = (kind: Kind): KnownKind => ({
  isBot: kind === 'bot',
  isNewVisitor: kind === 'visitor',
});

/** The number of the quarter of an hour of the day; @param time Unix milliseconds */
export const quarterOf = (time: number): number => Math.floor((time % DAY_MS) / QUARTER_MS);
