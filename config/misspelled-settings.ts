import { CONFIG_CLASSES } from './app-config.js';
import type { Env } from './dot-env.js';
import { settingsOf } from './setting.decorator.js';

/** One letter more, less or other in a name of this length is no coincidence; in PORT it may be. */
const LONG_NAME = 10;

/**
 * What is wrong with the names of variables. In .env every name has to be one of a setting: nothing
 * else there has an effect. The environment is shared with the whole system: it must not have a name
 * that differs from the long name of a setting by one letter, or by two that changed places.
 */
export function misspelledSettings(env: Env, file: Env): string[] {
  const inFile = namesIn(file).filter((name) => !(name in env));
  return [
    ...namesIn(env)
      .filter((name) => isSurelyMeant(name, closestTo(name)))
      .map((name) => `${name} is not a setting; ${suggestion(name)}`),
    ...inFile.map((name) => `${name} in .env is not a setting${hint(name)}`),
  ];
}

/** Variables of the environment that may have been meant as settings, in words for the log. */
export function doubtfulSettings(env: Env): string[] {
  return namesIn(env)
    .filter((name) => closestTo(name) !== undefined && !isSurelyMeant(name, closestTo(name)))
    .map((name) => `The variable ${name} has no effect; ${suggestion(name)}`);
}

const KNOWN: ReadonlySet<string> = new Set(
  Object.values(CONFIG_CLASSES)
    .flatMap(settingsOf)
    .flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`] : [name])),
);

/** Those that are set, and not to a setting. */
const namesIn = (env: Env): string[] =>
  Object.keys(env).filter((name) => env[name]?.trim() && !KNOWN.has(name));

const suggestion = (name: string): string => `did you mean ${closestTo(name)}?`;

const hint = (name: string): string => (closestTo(name) ? `; ${suggestion(name)}` : '');

const isSurelyMeant = (name: string, known: string | undefined): boolean =>
  known !== undefined && known.length >= LONG_NAME && distance(name.toUpperCase(), known) <= 1;

/** The setting whose name is most like this one; undefined if none is. */
function closestTo(name: string): string | undefined {
  const upper = name.toUpperCase();
  const similar = [...KNOWN]
    .map((known) => ({ known, edits: distance(upper, known) }))
    .filter(({ known, edits }) => edits <= (known.length < LONG_NAME ? 1 : 2))
    .toSorted((one, other) => one.edits - other.edits)[0];
  return similar?.known ?? [...KNOWN].find((known) => isPartOf(upper, known));
}

/** As LINK_CACHE is of LINK_CACHE_SIZE, or the other way round; single words are too common. */
function isPartOf(name: string, known: string): boolean {
  const [part, whole] = [name, known].toSorted((a, b) => a.length - b.length) as [string, string];
  return part.includes('_') && whole.startsWith(`${part}_`);
}

/** How many letters to insert, delete, replace or swap with their neighbours (Damerau-Levenshtein). */
function distance(from: string, to: string): number {
  // They differ by more than is of interest here.
  if (Math.abs(from.length - to.length) > 2) return Infinity;
  const rows = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const isSame = from[i - 1] === to[j - 1];
      const isSwapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row[j] = Math.min(
        rows[i - 1]![j]! + 1,
        row[j - 1]! + 1,
        rows[i - 1]![j - 1]! + (isSame ? 0 : 1),
        isSwapped ? rows[i - 2]![j - 2]! + 1 : Infinity,
      );
    }
    rows.push(row);
  }
  return rows.at(-1)!.at(-1)!;
}
