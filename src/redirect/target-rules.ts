import type {
  ConditionResult,
  LinkRule,
  NamedTarget,
  RuleConditions,
  SplitVariant,
  TargetRules,
  Visitor,
} from '../links/link-rules.types.js';

/** A condition, made ready: all that can be done once is done. */
interface Condition {
  name: keyof RuleConditions;
  holds(visitor: Visitor): boolean;
  /** What is asked for, and what the visitor has. */
  describe(visitor: Visitor): string;
}

interface CompiledRule {
  target: NamedTarget;
  conditions: Condition[];
}

/** Measured, besides their texts. */
const BYTES_OF_RULE = 400;
const BYTES_OF_CONDITION = 300;

/** Makes rules and a split ready for visitors; undefined if there are none. */
export function compileRules(
  linkId: string,
  rules: readonly LinkRule[] | null,
  split: readonly SplitVariant[] | null,
): TargetRules | undefined {
  return rules || split ? new CompiledRules(linkId, rules ?? [], split ?? []) : undefined;
}

/** The first rule all of whose conditions hold decides, then the split. */
class CompiledRules implements TargetRules {
  readonly needsCountry: boolean;
  readonly bytes: number;
  private readonly rules: CompiledRule[];
  private readonly totalWeight: number;

  constructor(
    private readonly linkId: string,
    rules: readonly LinkRule[],
    private readonly split: readonly SplitVariant[],
  ) {
    this.needsCountry = rules.some(({ when }) => when.country !== undefined);
    this.rules = rules.map(({ name, url, when }) => ({
      target: { name, url },
      conditions: conditionsOf(when),
    }));
    const conditions = this.rules.reduce((sum, rule) => sum + rule.conditions.length, 0);
    this.bytes =
      2 * JSON.stringify([rules, split]).length +
      BYTES_OF_RULE * rules.length +
      BYTES_OF_CONDITION * conditions;
    this.totalWeight = split.reduce((sum, { weight }) => sum + weight, 0);
  }

  choose(visitor: Visitor): NamedTarget | undefined {
    for (const { target, conditions } of this.rules) {
      if (conditions.every((condition) => condition.holds(visitor))) return target;
    }
    return this.split.length === 0 ? undefined : this.variantOf(visitor);
  }

  explain(visitor: Visitor): ConditionResult[][] {
    return this.rules.map(({ conditions }) =>
      conditions.map((condition) => ({
        condition: condition.name,
        matches: condition.holds(visitor),
        detail: condition.describe(visitor),
      })),
    );
  }

  /** Weights stand one after the other on a line, and the visitor somewhere along it. */
  private variantOf(visitor: Visitor): SplitVariant | undefined {
    let rest = visitor.shareOf(this.linkId) * this.totalWeight;
    return this.split.find(({ weight }) => (rest -= weight) < 0);
  }
}

function conditionsOf(when: RuleConditions): Condition[] {
  const { device, os, country, language, query, referrerHost, from, until } = when;
  return [
    // The cheap ones first.
    ...(from === undefined ? [] : [since(from)]),
    ...(until === undefined ? [] : [before(until)]),
    ...Object.entries(query ?? {}).map(([name, values]) => hasParameter(name, values)),
    ...oneOf('device', device, ({ device: known }) => known),
    ...oneOf('os', os, ({ os: known }) => known),
    ...(language ? [speaks(language)] : []),
    ...(referrerHost ? [comesFrom(referrerHost)] : []),
    ...oneOf('country', country, ({ country: known }) => known),
  ];
}

function oneOf(
  name: 'device' | 'os' | 'country',
  wanted: string[] | undefined,
  of: (visitor: Visitor) => string | undefined,
): Condition[] {
  if (!wanted) return [];
  return [
    {
      name,
      holds: (visitor) => {
        const known = of(visitor);
        return known !== undefined && wanted.includes(known);
      },
      describe: (visitor) => describe(name, wanted, of(visitor)),
    },
  ];
}

/** A language is its own region's too, as RFC 4647 §3.3.1 compares them. */
function speaks(wanted: string[]): Condition {
  const ranges = wanted.map((language) => `${language.toLowerCase()}-`);
  return {
    name: 'language',
    holds: ({ language }) => {
      if (language === undefined) return false;
      const tag = `${language}-`;
      return ranges.some((range) => tag.startsWith(range));
    },
    describe: ({ language }) => describe('language', wanted, language),
  };
}

function comesFrom(wanted: string[]): Condition {
  const ends = wanted.map((above) => `.${above}`);
  return {
    name: 'referrerHost',
    holds: ({ referrerHost: host }) => {
      if (host === undefined) return false;
      const name = `.${host}`;
      return ends.some((end) => name.endsWith(end));
    },
    describe: ({ referrerHost: host }) => describe('referrerHost', wanted, host),
  };
}

/** Several conditions may be about the query: each parameter has to be there. */
function hasParameter(name: string, wanted: string[]): Condition {
  return {
    name: 'query',
    holds: ({ query }) => {
      const values = query.get(name);
      if (values === undefined) return false;
      return wanted.length === 0 || wanted.some((value) => values.has(value));
    },
    describe: ({ query }) => {
      const expected = wanted.length === 0 ? ['any value'] : wanted;
      return describe(`query ${name}`, expected, [...(query.get(name) ?? [])].join(', '));
    },
  };
}

function since(from: string): Condition {
  const start = Date.parse(from);
  return {
    name: 'from',
    holds: ({ now }) => now >= start,
    describe: ({ now }) => `It is to be ${from} or later, and is ${new Date(now).toISOString()}.`,
  };
}

function before(until: string): Condition {
  const end = Date.parse(until);
  return {
    name: 'until',
    holds: ({ now }) => now < end,
    describe: ({ now }) => `It is to be before ${until}, and is ${new Date(now).toISOString()}.`,
  };
}

const describe = (
  what: string,
  wanted: readonly string[],
  known: string | null | undefined,
): string => `${what} is to be ${wanted.join(' or ')}, and is ${known || 'not known'}.`;
