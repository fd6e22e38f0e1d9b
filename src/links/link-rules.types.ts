/** Rules of a link, and variants of its split; their lists, conditions and texts are bounded by these. */
export const MAX_RULES = 20;
export const MIN_VARIANTS = 2;
export const MAX_VARIANTS = 10;
export const MAX_WEIGHT = 10_000;
export const MAX_CONDITION_VALUES = 50;

/** What must hold of a visitor: all that is given. Of a list one value is enough. */
export interface RuleConditions {
  /** As reports name them. */
  device?: string[];
  os?: string[];
  /** ISO 3166-1 alpha-2. */
  country?: string[];
  /** The language preferred most: `pt` is every Portuguese, `pt-BR` that of Brazil. */
  language?: string[];
  /** Parameters of the short URL; any value will do of one with an empty list. */
  query?: Record<string, string[]>;
  /** The referrer's host, or one above it. */
  referrerHost?: string[];
  /** RFC 3339; `until` is exclusive. */
  from?: string;
  until?: string;
}

/** Where a visitor may be sent; clicks and reports have the name. */
export interface NamedTarget {
  name: string;
  url: string;
}

/** Sends those to its URL for whom its conditions hold, and no earlier rule's. */
export interface LinkRule extends NamedTarget {
  when: RuleConditions;
}

/** Gets its share of the visitors to whom no rule applies. */
export interface SplitVariant extends NamedTarget {
  weight: number;
}

/** A rule or a variant as users ask for it; without a name it gets one. */
export type Unnamed<T extends NamedTarget> = Omit<T, 'name'> & { name?: string };

/** What rules can ask of a visitor. What is not known is undefined, and no condition holds for it. */
export interface Visitor {
  readonly device: string | undefined;
  readonly os: string | undefined;
  readonly country: string | undefined;
  /** In lower case, with its region if it has one. */
  readonly language: string | undefined;
  /** The values of each parameter; of very long queries only the first parameters. */
  readonly query: ReadonlyMap<string, ReadonlySet<string>>;
  readonly referrerHost: string | undefined;
  /** When it is; Unix milliseconds. */
  readonly now: number;
  /** A number from 0 to 1 (exclusive), the same for a visitor of a link all day, and evenly spread over visitors. */
  shareOf(linkId: string): number;
}

/** Whether one of the conditions of a rule holds, and why. */
export interface ConditionResult {
  condition: keyof RuleConditions;
  matches: boolean;
  detail: string;
}

/** The rules and the split of a link, ready for its visitors. */
export interface TargetRules {
  /** Whether it takes the country of visitors to choose. */
  readonly needsCountry: boolean;
  /** About how many bytes it takes in memory. */
  readonly bytes: number;
  /** Where the visitor is sent; undefined if to the URL of the link. */
  choose(visitor: Visitor): NamedTarget | undefined;
  /** For each rule, whether each of its conditions holds. */
  explain(visitor: Visitor): ConditionResult[][];
}
