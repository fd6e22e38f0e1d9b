export type Item = Record<string, unknown>;

/** The members of an object; none of anything else. */
export const membersOf = (value: unknown): Item =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Item) : {};

export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

export const textOrUndefined = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined;

/** A tag by its name, whether it is a text or has one. */
export const tagNames = (tags: unknown): unknown[] =>
  listOf(tags).map((tag) => (typeof tag === 'string' ? tag : membersOf(tag)['name']));

/** Undefined if it is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
