import type { ImportNote, ImportRule } from '../imports.types.js';
import { listOf, membersOf } from './json-values.js';
import { note } from './raw-record.js';
import { timeOf } from './time.js';

type When = ImportRule['when'];

const DEVICES: Record<string, When> = {
  android: { os: ['Android'] },
  ios: { os: ['iOS'] },
  windows: { os: ['Windows'] },
  macos: { os: ['macOS'] },
  linux: { os: ['Linux'] },
  chromeos: { os: ['Chrome OS'] },
  mobile: { device: ['mobile'] },
  desktop: { device: ['desktop'] },
};

/**
 * The redirect rules of Shlink, in their order. A rule with a condition that is not known here is left
 * out with a warning: without that condition it would send more visitors away than it did.
 */
export function shlinkRules(value: unknown): { rules: ImportRule[]; warnings: ImportNote[] } {
  const rules: ImportRule[] = [];
  const warnings: ImportNote[] = [];
  const sorted = listOf(value)
    .map(membersOf)
    .toSorted((a, b) => Number(a['priority']) - Number(b['priority']));
  for (const { longUrl, conditions } of sorted) {
    const when: When = {};
    const unknown = listOf(conditions).find((condition) => !addTo(when, condition));
    if (unknown === undefined) rules.push({ when, url: String(longUrl) });
    else {
      const type = String(membersOf(unknown)['type']).slice(0, 40);
      warnings.push(note('rule-left-out', `no counterpart of the condition "${type}"`));
    }
  }
  return { rules, warnings };
}

/** False if there is no such condition here, or one of the same kind already. */
function addTo(when: When, condition: unknown): boolean {
  const { type, matchKey, matchValue } = membersOf(condition);
  const found = counterpart(String(type), String(matchKey), matchValue);
  if (!found) return false;
  if (found.query && when.query) {
    Object.assign(when.query, found.query);
    return true;
  }
  if (Object.keys(found).some((name) => name in when)) return false;
  Object.assign(when, found);
  return true;
}

function counterpart(type: string, key: string, value: unknown): When | undefined {
  const time = timeOf(value) ?? undefined;
  switch (type) {
    case 'device':
      return DEVICES[String(value)];
    case 'language':
      return { language: [String(value)] };
    case 'geolocation-country-code':
      return { country: [String(value).toUpperCase()] };
    case 'query-param':
      return { query: { [key]: [String(value)] } };
    case 'valueless-query-param':
      return { query: { [key]: [''] } };
    case 'any-value-query-param':
      return { query: { [key]: [] } };
    case 'after-date':
      return time === undefined ? undefined : { from: time };
    case 'before-date':
      return time === undefined ? undefined : { until: time };
    default:
      return undefined;
  }
}
