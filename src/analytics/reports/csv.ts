type Cell = string | number | boolean | null;

/** What spreadsheets take for a formula, which could read other cells and send them away. */
const FORMULA = /^[=+\-@\t\r]/;

/** One line of CSV (RFC 4180), with its end; null is an empty cell. */
export const csvLine = (cells: readonly Cell[]): string => `${cells.map(csvCell).join(',')}\r\n`;

function csvCell(cell: Cell): string {
  if (typeof cell !== 'string') return String(cell ?? '');
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
