import type {
  LinkRule,
  NamedTarget,
  RuleConditions,
  SplitVariant,
  Unnamed,
} from './link-rules.types.js';
import { normalHost } from '../common/normal-host.js';

/** Of the rules of a link as JSON, and of its split: so much is in memory with each that is in use. */
export const MAX_TARGETS_LENGTH = 16_384;

/** Normalises the URL of a target, or notes at its pointer what is wrong with it. */
type NormaliseUrl = (url: string, pointer: string) => string;

/** Rules as they are stored; none is null. */
export function storedRules(
  rules: Unnamed<LinkRule>[] | null | undefined,
  normalise: NormaliseUrl,
): LinkRule[] | null {
  if (!rules?.length) return null;
  return named('rule', rules).map(({ name, url, when }, index) => ({
    name,
    url: normalise(url, `/rules/${index}/url`),
    when: storedConditions(when),
  }));
}

/** A split as it is stored; none is null. */
export function storedSplit(
  split: Unnamed<SplitVariant>[] | null | undefined,
  normalise: NormaliseUrl,
): SplitVariant[] | null {
  if (!split?.length) return null;
  return named('split', split).map(({ name, url, weight }, index) => ({
    name,
    url: normalise(url, `/split/${index}/url`),
    weight,
  }));
}

/**
 * Gives those a name that have none: `rule-1`, `rule-2` and so on, from the number after the highest
 * that is taken. Who changes a rule sends its name back, and its clicks go on being counted under it.
 */
function named<T extends NamedTarget>(kind: string, items: Unnamed<T>[]): T[] {
  const pattern = new RegExp(`^${kind}-(\\d{1,4})$`);
  const numbers = items.map(({ name = '' }) => Number(pattern.exec(name)?.[1] ?? 0));
  let last = Math.max(...numbers);
  return items.map((item) => ({ ...item, name: item.name ?? `${kind}-${(last += 1)}` }) as T);
}

/** Without what is not given, and each value in the form in which it is compared. */
function storedConditions(when: RuleConditions): RuleConditions {
  const { device, os, country, language, query, referrerHost, from, until } = when;
  return {
    ...(device && { device }),
    ...(os && { os }),
    ...(country && { country }),
    ...(language && { language }),
    ...(query && { query: { ...query } }),
    ...(referrerHost && { referrerHost: referrerHost.map((host) => normalHost(host) ?? host) }),
    ...(from !== undefined && { from: new Date(from).toISOString() }),
    ...(until !== undefined && { until: new Date(until).toISOString() }),
  };
}
