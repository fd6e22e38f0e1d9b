import type { Filter } from '../analytics.types.js';

/** @param value null is "unknown" */
export const passesFilter = ({ only, not }: Filter, value: string | null): boolean =>
  (only.length === 0 || only.includes(value)) && !not.includes(value);
