type Cell = string | number | boolean | null;

/** What a formula begins with, also in its full width: it could read other cells and send them away. */
const SIGNS = '=+\\-@\uFF1D\uFF0B\uFF0D\uFF20';
/**
 * Where a formula would begin: with the cell or, in spreadsheets of some locales, after a semicolon
 * or a tab, because quotes only hold a cell together where it begins with them.
 */
const FORMULA = new RegExp(`^(?=[${SIGNS}\\t\\r\\n])|(?<=[;\\t])(?="*[${SIGNS}])`, 'g');

/** One line of CSV (RFC 4180), with its end; null is an empty cell. */
export const csvLine = (cells: readonly Cell[]): string => `${cells.map(csvCell).join(',')}\r\n`;

function csvCell(cell: Cell): string {
  if (typeof cell !== 'string') return String(cell ?? '');
  const text = cell.replace(FORMULA, "'");
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Where `withoutGuards` would take an apostrophe away that is the text's own. */
const OWN_APOSTROPHE = /^(?=')|(?<=[;\t])(?="*')/g;
const GUARD = new RegExp(`^'(?=[${SIGNS}'\\t\\r\\n])|(?<=[;\\t])'(?="*[${SIGNS}'])`, 'g');

/** A text such that `withoutGuards` makes it out of its cell again, whatever it is. */
export const recoverable = (text: string): string => text.replace(OWN_APOSTROPHE, "'");

/** The text of a cell that `csvLine` has written of a recoverable one. */
export const withoutGuards = (text: string): string => text.replace(GUARD, '');
