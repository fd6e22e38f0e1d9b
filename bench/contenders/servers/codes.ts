import { readFileSync } from 'node:fs';

/** The links of the file in CODES_FILE, as a map in memory. */
export function readCodes(): Map<string, string> {
  const lines = readFileSync(process.env['CODES_FILE']!, 'utf8').trimEnd().split('\n');
  return new Map(lines.map((line) => line.split('\t') as [string, string]));
}

export const port = Number(process.env['PORT']);
