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

/**
 * Whether it may be one: a node of Citus that does not take rows of a COPY says so in words, without a
 * SQLSTATE. Whoever then stores them in parts (`insertClicks`) is told.
 */
export const mayBeRefusal = (error: unknown): boolean =>
  isRefusal(error) || (error as { routine?: string }).routine === 'ReportCopyError';
