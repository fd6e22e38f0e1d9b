import type { ConditionResult } from '../links/link-rules.types.js';

/** A visit that nobody has made. What is not given is not known. */
export interface ImaginedVisit {
  address?: string;
  /** Instead of the one that the address has. */
  country?: string;
  userAgent?: string;
  /** As Accept-Language has it. */
  language?: string;
  /** Without the question mark. */
  query?: string;
  referrer?: string;
  /** Unix milliseconds; now, if undefined. */
  at?: number;
}

/** What a visitor gets. Behind a password the link redirects once the visitor has it. */
export const OUTCOMES = [
  'redirect',
  'password',
  'not_started',
  'expired',
  'spent',
  'deleted',
  'switched_off',
  'disabled',
  'blocked',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface Explanation {
  outcome: Outcome;
  /** null: nowhere. */
  url: string | null;
  /** The name of the rule or variant that leads there; null if none does. */
  target: string | null;
  /** Whether it is recorded, and counts as those of people do, and not as those of bots. */
  countsAsClick: boolean;
  rules: RuleExplanation[];
}

export interface RuleExplanation {
  index: number;
  name: string;
  url: string;
  matches: boolean;
  reasons: ConditionResult[];
}
