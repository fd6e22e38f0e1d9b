/**
 * SQLSTATEs that are about the rows: class 22 (data), class 23 (constraint), and P0001, which a trigger
 * raises. All others are about the server, which may do better later: no room, a shutdown, a deadlock, a
 * table that is missing.
 */
const ABOUT_ROWS = /^(22...|23...|P0001)$/;

/** Whether the database refuses the rows themselves: the same ones would fail again and again. */
export function isRefusal(error: unknown): boolean {
  const { code = '', constraint } = error as { code?: string; constraint?: string };
  return ABOUT_ROWS.test(code) && constraint !== 'ingested_segments_pkey';
}
