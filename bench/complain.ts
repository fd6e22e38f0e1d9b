/** Says what is not as it should be, and returns it; the run goes on, and ends as a failed one. */
export function complain(text: string): string {
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
  return text;
}
