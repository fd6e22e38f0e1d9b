import { QUARTER_MS, DAY_MS } from './analytics.types.js';

/** A human who was there before on that day, one who was not, and a bot. */
export const KINDS = ['human', 'visitor', 'bot'] as const;

/** How many different moments there are. */
export const MOMENTS = (DAY_MS / QUARTER_MS) * KINDS.length;

interface Moment {
  isBot: boolean;
  isNewVisitor: boolean;
  /** Unix milliseconds. */
  clickedAt: number;
}

/** A number for the quarter of an hour of the day, and the kind of click. */
export function momentOf({ clickedAt, isBot, isNewVisitor }: Moment): number {
  const quarter = Math.floor((clickedAt % DAY_MS) / QUARTER_MS);
  return quarter * KINDS.length + (isBot ? 2 : isNewVisitor ? 1 : 0);
}

/** @param day its start, Unix milliseconds; the time is that of the quarter */
export function ofMoment(moment: number, day: number): Moment {
  const quarter = Math.floor(moment / KINDS.length);
  const kind = KINDS[moment % KINDS.length];
  return {
    clickedAt: day + quarter * QUARTER_MS,
    isBot: kind === 'bot',
    isNewVisitor: kind === 'visitor',
  };
}
