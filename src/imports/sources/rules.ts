import { DEVICE_NAMES, OS_NAMES } from '../../common/user-agent.js';
import type { ImportNote, ImportRecord, ImportRule } from '../imports.types.js';
import { listOf, membersOf } from './json-values.js';
import { timeOf } from './time.js';

type When = ImportRule['when'];

const MAX_RULES = 20;
const MAX_VALUES = 50;
const MAX_PARAMETERS = 10;
const MAX_TEXT = 200;
const [MIN_VARIANTS, MAX_VARIANTS, MAX_WEIGHT] = [2, 10, 10_000];

/** As reports name them. */
const DEVICES = new Set(DEVICE_NAMES);
const SYSTEMS = new Set(OS_NAMES);
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,49}$/;
const COUNTRY = /^[A-Z]{2}$/;
const LANGUAGE = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$/;
const HOST = /^[^\s/\\?#@*:\p{Cc}\p{Cs}]{1,253}$/u;
const TEXT = /^[^\p{Cc}\p{Cs}]*$/u;

/** Which values each condition may have. */
const VALUES: Record<string, (value: string) => boolean> = {
  device: (value) => DEVICES.has(value),
  os: (value) => SYSTEMS.has(value),
  country: (value) => COUNTRY.test(value),
  language: (value) => LANGUAGE.test(value),
  referrerHost: (value) => HOST.test(value),
};

/**
 * The rules and the split of a record, as far as links can have them. A rule with something else in it is left
 * out with a warning: without that condition it would send more visitors away than it did.
 */
export function checkTargets(record: ImportRecord): void {
  const { rules, split, warnings } = record;
  delete record.rules;
  delete record.split;
  const fit = listOf(rules).flatMap((rule) => checkedRule(rule) ?? []);
  if (fit.length < listOf(rules).length || fit.length > MAX_RULES) {
    warnings.push(
      note(
        'rule-left-out',
        `${fit.slice(0, MAX_RULES).length} of its ${listOf(rules).length} rules are taken over`,
      ),
    );
  }
  if (fit.length > 0) record.rules = fit.slice(0, MAX_RULES);
  if (split === undefined) return;
  const variants = listOf(split).flatMap((variant) => checkedVariant(variant) ?? []);
  const isWhole = variants.length === listOf(split).length;
  if (isWhole && variants.length >= MIN_VARIANTS && variants.length <= MAX_VARIANTS) {
    record.split = variants;
  } else warnings.push(note('split-left-out', 'its split has no counterpart'));
}

const note = (code: string, detail: string): ImportNote => ({ code, detail });

function checkedRule(value: unknown): ImportRule | undefined {
  const { name, url, when } = membersOf(value);
  const conditions: When = {};
  const given = Object.entries(membersOf(when));
  const isFit = given.every(([kind, condition]) => addCondition(conditions, kind, condition));
  if (typeof url !== 'string' || given.length === 0 || !isFit) return undefined;
  return { ...named(name), url, when: conditions };
}

function addCondition(when: When, kind: string, value: unknown): boolean {
  if (kind === 'from' || kind === 'until') {
    const time = timeOf(value);
    if (!time) return false;
    when[kind] = time;
    return kind === 'from' || when.from === undefined || when.from < time;
  }
  if (kind === 'query') {
    const parameters = Object.entries(membersOf(value));
    const isFit = parameters.every(
      ([name, values]) =>
        isText(name) && name !== '' && Array.isArray(values) && areTexts(values, isText),
    );
    if (!isFit || parameters.length === 0 || parameters.length > MAX_PARAMETERS) return false;
    when.query = Object.fromEntries(parameters) as Record<string, string[]>;
    return true;
  }
  const isAllowed = Object.hasOwn(VALUES, kind) ? VALUES[kind]! : undefined;
  const values = listOf(value);
  if (!isAllowed || values.length === 0 || !areTexts(values, isAllowed)) return false;
  when[kind as 'os'] = values as string[];
  return true;
}

const isText = (text: string): boolean => text.length <= MAX_TEXT && TEXT.test(text);

const areTexts = (values: unknown[], isAllowed: (value: string) => boolean): boolean =>
  values.length <= MAX_VALUES &&
  values.every((value) => typeof value === 'string' && isAllowed(value));

function checkedVariant(
  value: unknown,
): { name?: string; url: string; weight: number } | undefined {
  const { name, url, weight } = membersOf(value);
  const isWeight =
    Number.isInteger(weight) && (weight as number) >= 1 && (weight as number) <= MAX_WEIGHT;
  if (typeof url !== 'string' || !isWeight) return undefined;
  return { ...named(name), url, weight: weight as number };
}

/** One that is none gets a new one. */
const named = (name: unknown): { name?: string } =>
  typeof name === 'string' && NAME.test(name) ? { name } : {};
