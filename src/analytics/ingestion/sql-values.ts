/** What PostgreSQL reads as this time (Unix milliseconds). */
export const timestamp = (time: number): string => new Date(time).toISOString();

/**
 * An array parameter of ids, numbers and the like: values without anything that needs quotes. What
 * `pg` does with an array looks for that in every value, and takes several times as long.
 */
export const plain = <T>(rows: T[], of: (row: T) => string | number | boolean): string =>
  `{${rows.map(of).join(',')}}`;

/** Bytes as a value for `plain`. */
export const binary = (bytes: Buffer | undefined): string =>
  bytes ? String.raw`"\\x${bytes.toString('hex')}"` : 'NULL';
